import { MisuseError } from '@mortise/core/adapter'
import { type Settings, shown } from './connection-string.ts'
import type { PostgresOptions } from './postgres-options.ts'

type OptionName = keyof PostgresOptions

/** libpq's parameters and the options that they are, where the value's text is the option. */
const texts: { readonly [parameter: string]: OptionName } = {
  host: 'host',
  hostaddr: 'hostAddress',
  user: 'user',
  password: 'password',
  dbname: 'database',
  passfile: 'passFile',
  application_name: 'applicationName',
  options: 'serverOptions',
  sslmode: 'sslMode',
  sslnegotiation: 'sslNegotiation',
  sslrootcert: 'sslRootCert',
  sslcert: 'sslCert',
  sslkey: 'sslKey',
  sslpassword: 'sslPassword',
  ssl_min_protocol_version: 'sslMinVersion',
  ssl_max_protocol_version: 'sslMaxVersion',
  channel_binding: 'channelBinding',
  require_auth: 'requireAuth',
}

/** Parameters that ask for nothing as long as they have one of these values. */
const onlyWith: { readonly [parameter: string]: readonly string[] } = {
  client_encoding: ['utf8', 'UTF8', 'utf-8', 'UTF-8', 'auto'],
  gssencmode: ['disable', 'prefer'],
  keepalives: ['1'],
  load_balance_hosts: ['disable'],
  sslcertmode: ['allow'],
  sslcompression: ['0'],
  sslsni: ['1'],
  target_session_attrs: ['any'],
}

/** Parameters of libpq that this driver does not have. To pass over one would be to lie. */
const unsupported: ReadonlySet<string> = new Set(
  'gssdelegation gsslib keepalives_count keepalives_idle keepalives_interval krbsrvname max_protocol_version min_protocol_version oauth_client_id oauth_client_secret oauth_issuer oauth_scope replication requirepeer scram_client_key scram_server_key service servicefile sslcrl sslcrldir sslkeylogfile tcp_user_timeout'.split(
    ' ',
  ),
)

/**
 * Options out of libpq's parameters.
 *
 * @param where for messages: what the parameters stand in
 * @throws MisuseError that names a parameter that is unknown or not supported, never its value
 */
export function fromParameters(settings: Settings, where: string): PostgresOptions {
  const options: { [name in OptionName]?: string | number | undefined } = {}
  for (const [parameter, value] of Object.entries(settings)) {
    if (Object.hasOwn(texts, parameter)) {
      options[texts[parameter] as OptionName] = value
    } else if (parameter === 'port') {
      options.port = wholeNumber(value, 'port', where)
    } else if (parameter === 'connect_timeout') {
      // As libpq: zero or less waits for ever, here as long as the pool does.
      const seconds = wholeNumber(value, 'connect_timeout', where)
      if (seconds > 0) options.connectTimeoutMs = seconds * 1000
    } else if (parameter !== 'fallback_application_name') {
      check(parameter, value, where)
    }
  }
  options.applicationName ??= settings.fallback_application_name
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as PostgresOptions
}

function check(parameter: string, value: string, where: string): void {
  if (Object.hasOwn(onlyWith, parameter)) {
    const values = onlyWith[parameter] as readonly string[]
    if (values.includes(value)) return
    throw new MisuseError(
      'OPTION_INVALID',
      `${where} sets "${parameter}" to what this driver does not support; it takes ${values.join(' or ')}`,
    )
  }
  if (unsupported.has(parameter)) {
    throw new MisuseError(
      'UNKNOWN_OPTION',
      `${where} has the parameter "${parameter}", which this driver does not support; take it out`,
    )
  }
  const name = shown(parameter)
  throw new MisuseError(
    'UNKNOWN_OPTION',
    `${where} has ${name === parameter ? `the parameter "${name}"` : name}, which neither libpq nor this driver knows`,
  )
}

function wholeNumber(text: string, parameter: string, where: string): number {
  if (/^\s*[+-]?\d{1,9}\s*$/.test(text)) return Number(text)
  throw new MisuseError('OPTION_INVALID', `${where} has a "${parameter}" that is no whole number`)
}
