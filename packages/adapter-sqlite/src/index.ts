export { sqlite } from './adapter.ts'
export type { SqliteCallOptions, SqliteOptions } from './options.ts'
