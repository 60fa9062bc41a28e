import type { TypePreset } from '../types/presets.ts'
import type { TypeOptions } from '../types/type-options.ts'
import type { TlsOptions } from './tls.ts'

/** Gets the password, at each connect that needs one. */
export type PasswordSource = string | (() => string | Promise<string>)

/** How to reach a server and what to ask of it. An option that is undefined counts as not given. */
export interface PostgresOptions extends TlsOptions {
  /**
   * libpq's connection string, `postgres://user:password@host:port/database?name=value` or
   * `name=value name=value`. The other options go before what it says. Default: none.
   */
  readonly connectionString?: string | undefined
  /** A name, an address, or the directory of a Unix socket. Default `PGHOST`, else `127.0.0.1`. */
  readonly host?: string | undefined
  /**
   * The address to connect to without asking for `host`'s; certificates and the password file go by
   * `host` all the same. Default `PGHOSTADDR`.
   */
  readonly hostAddress?: string | undefined
  /** Default `PGPORT`, else 5432. */
  readonly port?: number | undefined
  /** Default `PGUSER`, else the name of the system's user. */
  readonly user?: string | undefined
  /**
   * The password, or a function that gets it at each connect. Default `PGPASSWORD`, else what the
   * password file says.
   */
  readonly password?: PasswordSource | undefined
  /** The password file. Default `PGPASSFILE`, else `~/.pgpass`. */
  readonly passFile?: string | undefined
  /** Default `PGDATABASE`, else the user's name. */
  readonly database?: string | undefined
  /** How the session calls itself to the server. Default `PGAPPNAME`, else `mortise`. */
  readonly applicationName?: string | undefined
  /** Command-line options for the session, `-c name=value`. Default `PGOPTIONS`. */
  readonly serverOptions?: string | undefined
  /**
   * When a connect is given up, besides the pool's own limit. Default `PGCONNECT_TIMEOUT` (seconds
   * there), else the pool's alone.
   */
  readonly connectTimeoutMs?: number | undefined
  /**
   * Whether authentication proves that nobody sits between (SCRAM-SHA-256-PLUS). Default
   * `PGCHANNELBINDING`, else `prefer`: where the server offers it over TLS.
   */
  readonly channelBinding?: 'disable' | 'prefer' | 'require' | undefined
  /**
   * The methods that the server may ask for, separated by commas: `password` (cleartext), `md5`,
   * `scram-sha-256`, `none` (it asks for nothing). With `!` before each, the methods that it may
   * not. Default `PGREQUIREAUTH`, else any.
   */
  readonly requireAuth?: string | undefined
  /**
   * How raw queries read values, unless the call says so itself: a preset, or readers of types by
   * name or OID. Default `default`.
   */
  readonly types?: TypePreset | TypeOptions | undefined
  /** Most bytes of one message of the server; a longer one ends the connection. Default 1 GiB. */
  readonly maxMessageBytes?: number | undefined
  /** Most rounds of hashing that a server may ask for in SCRAM. Default 100,000. */
  readonly scramMaxIterations?: number | undefined
}
