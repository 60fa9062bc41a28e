import { MisuseError } from '@mortise/core/adapter'

/** How to reach a server and what to ask of it. */
export interface PostgresOptions {
  /** A name, an address, or the directory of a Unix socket. Default `PGHOST`, else `127.0.0.1`. */
  readonly host?: string | undefined
  /** Default `PGPORT`, else 5432. */
  readonly port?: number | undefined
  /** Default `PGUSER`, else the name of the system's user. */
  readonly user?: string | undefined
  /** The password, or a function that gets it at each connect. Default `PGPASSWORD`. */
  readonly password?: string | (() => string | Promise<string>) | undefined
  /** Default `PGDATABASE`, else the user's name. */
  readonly database?: string | undefined
  /** How the session calls itself to the server. Default `PGAPPNAME`, else `mortise`. */
  readonly applicationName?: string | undefined
  /** Most bytes of one message of the server; a longer one ends the connection. Default 1 GiB. */
  readonly maxMessageBytes?: number | undefined
  /** Most rounds of hashing that a server may ask for in SCRAM. Default 100,000. */
  readonly scramMaxIterations?: number | undefined
}

/** Parsed options: everything decided, the environment read. */
export interface ParsedOptions {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string | (() => string | Promise<string>) | undefined
  readonly database: string
  readonly applicationName: string
  readonly maxMessageBytes: number
  readonly scramMaxIterations: number
}

const names: readonly (keyof PostgresOptions)[] = [
  'host',
  'port',
  'user',
  'password',
  'database',
  'applicationName',
  'maxMessageBytes',
  'scramMaxIterations',
]

/**
 * Parses a connection string or options; the environment is read here and nowhere else.
 *
 * @throws MisuseError for what is unknown or malformed. No message shows the connection string.
 */
export function parseOptions(
  input: string | PostgresOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): ParsedOptions {
  const given = typeof input === 'string' ? parseUrl(input) : input
  for (const name of Object.keys(given)) {
    if (!(names as readonly string[]).includes(name)) {
      throw new MisuseError(
        'UNKNOWN_OPTION',
        `postgres() has no option "${name}"; it takes ${names.join(', ')}`,
      )
    }
  }
  const user = text('user', given.user ?? environment.PGUSER ?? environment.USER ?? 'postgres')
  return Object.freeze({
    host: text('host', given.host ?? environment.PGHOST ?? '127.0.0.1'),
    port: number('port', given.port ?? Number(environment.PGPORT ?? 5432), 1, 65_535),
    user,
    password: given.password ?? environment.PGPASSWORD,
    database: text('database', given.database ?? environment.PGDATABASE ?? user),
    applicationName: given.applicationName ?? environment.PGAPPNAME ?? 'mortise',
    maxMessageBytes: number('maxMessageBytes', given.maxMessageBytes ?? 2 ** 30, 1024, 2 ** 31 - 1),
    scramMaxIterations: number(
      'scramMaxIterations',
      given.scramMaxIterations ?? 100_000,
      1,
      2 ** 31 - 1,
    ),
  })
}

function parseUrl(string: string): PostgresOptions {
  let url: URL
  try {
    url = new URL(string)
  } catch {
    // The parser's own error shows the text, and with it the password.
    throw new MisuseError(
      'OPTION_INVALID',
      'the connection string is not a URL; it is written postgres://user:password@host:port/database, with special characters percent-encoded',
    )
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new MisuseError(
      'OPTION_INVALID',
      'the connection string begins with postgres:// or postgresql://',
    )
  }
  for (const name of url.searchParams.keys()) {
    if (name === 'application_name') continue
    throw new MisuseError(
      'UNKNOWN_OPTION',
      `the connection string has the parameter "${name}", which this driver does not know`,
    )
  }
  const decode = (part: string): string | undefined =>
    part === '' ? undefined : decodeURIComponent(part)
  return {
    host: decode(url.hostname),
    port: url.port === '' ? undefined : Number(url.port),
    user: decode(url.username),
    password: decode(url.password),
    database: decode(url.pathname.slice(1)),
    applicationName: url.searchParams.get('application_name') ?? undefined,
  }
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value
  throw new MisuseError('OPTION_INVALID', `${name} takes a text that is not empty and has no NUL`)
}

function number(name: string, value: unknown, least: number, most: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) {
    return value as number
  }
  throw new MisuseError('OPTION_INVALID', `${name} takes a whole number from ${least} to ${most}`)
}
