import { resolve } from 'node:path'

/** The folder of what the repository's commands write; git ignores it. */
export const reports: string = resolve(import.meta.dirname, '../../.reports')
