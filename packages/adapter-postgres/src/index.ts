export { postgres } from './adapter.ts'
export type { PostgresOptions } from './options.ts'
