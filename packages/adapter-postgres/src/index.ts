export { postgres } from './adapter.ts'
export type { PasswordSource, PostgresOptions } from './options/postgres-options.ts'
export type { SslMode, TlsOptions } from './options/tls.ts'
