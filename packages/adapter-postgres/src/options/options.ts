import { isIP } from 'node:net'
import { MisuseError } from '@mortise/core/adapter'
import type { TypePreset } from '../types/presets.ts'
import type { TypeOptions } from '../types/type-options.ts'
import { parseConnectionString } from './connection-string.ts'
import { readEnvironment } from './environment.ts'
import { fromParameters } from './parameters.ts'
import type { PasswordSource, PostgresOptions } from './postgres-options.ts'
import { parseRequireAuth, type RequireAuth } from './require-auth.ts'
import { type ParsedTls, parseTls } from './tls.ts'
import { number, oneOf, optional, text } from './values.ts'

/** Parsed options: everything decided, the environment read. */
export interface ParsedOptions {
  readonly host: string
  readonly hostAddress: string | undefined
  readonly port: number
  readonly user: string
  readonly password: PasswordSource | undefined
  readonly passFile: string
  readonly database: string
  readonly applicationName: string
  readonly serverOptions: string | undefined
  readonly connectTimeoutMs: number | undefined
  readonly tls: ParsedTls
  readonly channelBinding: 'disable' | 'prefer' | 'require'
  readonly requireAuth: RequireAuth | undefined
  /** Checked by whoever makes readers of it. */
  readonly types: TypePreset | TypeOptions | undefined
  readonly maxMessageBytes: number
  readonly scramMaxIterations: number
}

const names: { readonly [name in keyof PostgresOptions]-?: true } = {
  connectionString: true,
  host: true,
  hostAddress: true,
  port: true,
  user: true,
  password: true,
  passFile: true,
  database: true,
  applicationName: true,
  serverOptions: true,
  connectTimeoutMs: true,
  sslMode: true,
  sslNegotiation: true,
  sslRootCert: true,
  sslCert: true,
  sslKey: true,
  sslPassword: true,
  sslMinVersion: true,
  sslMaxVersion: true,
  channelBinding: true,
  requireAuth: true,
  types: true,
  maxMessageBytes: true,
  scramMaxIterations: true,
}

/**
 * Parses a connection string or options; the environment is read here and nowhere else.
 *
 * @throws MisuseError for what is unknown or malformed. No message shows a value that was given.
 */
export function parseOptions(
  input: string | PostgresOptions = {},
  variables: NodeJS.ProcessEnv = process.env,
): ParsedOptions {
  const environment = readEnvironment(variables)
  const given = merge(
    fromParameters(environment.settings, 'the environment (PG… variables)'),
    typeof input === 'string' ? fromString(input) : fromObject(input),
  )
  const user = text('user', given.user ?? environment.systemUser ?? 'postgres')
  const host = text('host', given.host ?? given.hostAddress ?? '127.0.0.1')
  const hostAddress = optional(text, 'hostAddress', given.hostAddress)
  if (hostAddress !== undefined && isIP(hostAddress) === 0) {
    throw new MisuseError(
      'OPTION_INVALID',
      'hostAddress takes an IP address; a name goes into host',
    )
  }
  return Object.freeze({
    host,
    hostAddress,
    port: number('port', given.port ?? 5432, 1, 65_535),
    user,
    password: checkPassword(given.password),
    passFile: text('passFile', given.passFile ?? environment.passFile),
    database: text('database', given.database ?? user),
    applicationName: text('applicationName', given.applicationName ?? 'mortise'),
    serverOptions: optional(text, 'serverOptions', given.serverOptions),
    connectTimeoutMs:
      given.connectTimeoutMs === undefined
        ? undefined
        : number('connectTimeoutMs', given.connectTimeoutMs, 1, 2 ** 31 - 1),
    tls: parseTls(given, hostAddress ?? host, environment.certificates),
    channelBinding: oneOf('channelBinding', given.channelBinding ?? 'prefer', [
      'disable',
      'prefer',
      'require',
    ]),
    requireAuth:
      given.requireAuth === undefined
        ? undefined
        : parseRequireAuth(text('requireAuth', given.requireAuth)),
    types: given.types,
    maxMessageBytes: number('maxMessageBytes', given.maxMessageBytes ?? 2 ** 30, 1024, 2 ** 31 - 1),
    scramMaxIterations: number(
      'scramMaxIterations',
      given.scramMaxIterations ?? 100_000,
      1,
      2 ** 31 - 1,
    ),
  })
}

function fromString(string: string): PostgresOptions {
  return fromParameters(parseConnectionString(string), 'the connection string')
}

function fromObject(input: PostgresOptions): PostgresOptions {
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(names, name)) {
      throw new MisuseError(
        'UNKNOWN_OPTION',
        `postgres() has no option "${name}"; it takes ${Object.keys(names).join(', ')}`,
      )
    }
  }
  const { connectionString, ...options } = input
  if (connectionString === undefined) return options
  return merge(fromString(text('connectionString', connectionString)), options)
}

/** `over` wins where it gives something. */
function merge(under: PostgresOptions, over: PostgresOptions): PostgresOptions {
  const given = Object.entries(over).filter(([, value]) => value !== undefined)
  return { ...under, ...Object.fromEntries(given) }
}

function checkPassword(password: unknown): PasswordSource | undefined {
  if (password === undefined || typeof password === 'function') {
    return password as PasswordSource | undefined
  }
  // An empty password is none, as libpq has it.
  return password === '' ? undefined : text('password', password)
}
