import { MisuseError } from '@mortise/core/adapter'

/** Settings by libpq's parameter names, as texts. */
export type Settings = { readonly [parameter: string]: string }

/**
 * Reads a connection string in either of libpq's forms (PostgreSQL documentation, "Connection
 * Strings"): `postgres://user:password@host:port/database?name=value`, or `name=value name='…'`.
 * Names and values are not judged here. An empty value counts as not given.
 *
 * @throws MisuseError for what has neither form. No message shows a part of the string.
 */
export function parseConnectionString(text: string): Settings {
  const uri = /^postgres(?:ql)?:\/\//.exec(text)
  if (uri !== null) return parseUri(text.slice(uri[0].length))
  if (text.includes('=')) return parsePairs(text)
  throw malformed(
    'it is written postgres://user:password@host:port/database?name=value, or name=value name=value',
  )
}

function parseUri(text: string): Settings {
  const settings: Record<string, string> = Object.create(null)
  const set = (name: string, part: string | undefined): void => {
    const value = decode(part ?? '', name)
    if (value !== '') settings[name] = value
  }
  // As libpq: the first @ ends user and password, unless a slash comes before it.
  const [, userinfo, rest] = /^(?:([^@/]*)@)?(.*)$/s.exec(text) as RegExpExecArray
  const place = /^(\[[^\]]*\]|[^[:/?]*)(?::([^/?]*))?(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest ?? '')
  if (place === null) throw malformed('what follows the host is neither a port nor a database')
  const [, host = '', port, database, query] = place
  // What looks like a host, a port or a parameter may be a piece of a password: say nothing of it.
  const astray = host.includes('@') || database?.includes('@')
  if (astray || (userinfo === undefined && query?.includes('@'))) {
    throw malformed(
      'there is an "@" where none belongs; percent-encode special characters of the user and the password (@ is %40, / is %2F, : is %3A, ? is %3F)',
    )
  }
  if (host.includes(',') || port?.includes(',')) {
    throw malformed('it names several hosts, and this driver takes one')
  }
  if (userinfo !== undefined) {
    const colon = userinfo.indexOf(':')
    set('user', colon === -1 ? userinfo : userinfo.slice(0, colon))
    if (colon !== -1) set('password', userinfo.slice(colon + 1))
  }
  set('host', host.startsWith('[') ? host.slice(1, -1) : host)
  set('port', port)
  set('dbname', database)
  for (const pair of query === undefined || query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=')
    if (equals <= 0 || pair.includes('=', equals + 1)) {
      throw malformed(
        'a parameter after "?" is not name=value; percent-encode special characters (= is %3D, & is %26)',
      )
    }
    const name = decode(pair.slice(0, equals), 'the name of a parameter')
    const value = pair.slice(equals + 1)
    // As libpq, for strings that were written for JDBC.
    if (name === 'ssl' && value === 'true') set('sslmode', 'require')
    else set(name, value)
  }
  return settings
}

/** Percent-decoding alone: a plus sign is a plus sign. */
function decode(part: string, name: string): string {
  let value: string
  try {
    value = decodeURIComponent(part)
  } catch {
    throw malformed(`${shown(name)} has a "%" that begins no character; write a percent as %25`)
  }
  if (value.includes('\0')) throw malformed(`${shown(name)} holds a NUL character`)
  return value
}

function parsePairs(text: string): Settings {
  const settings: Record<string, string> = Object.create(null)
  const pair = /\s*([^\s=']+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'(?=\s|$)|((?:[^\s'\\]|\\.)*)(?=\s|$))/sy
  while (pair.lastIndex < text.trimEnd().length) {
    const found = pair.exec(text)
    if (found === null) {
      throw malformed(
        "it is not name=value pairs; put a value with spaces between single quotes, and write \\' and \\\\ for a quote and a backslash",
      )
    }
    const value = (found[2] ?? found[3] ?? '').replace(/\\(.)/gs, '$1')
    const name = found[1] as string
    if (value.includes('\0')) throw malformed(`${shown(name)} holds a NUL character`)
    if (value !== '') settings[name] = value
  }
  return settings
}

/** A name for a message, unless it may be a piece of a password that was not encoded. */
export function shown(name: string): string {
  return /^[a-z][a-z0-9_ ]{0,40}$/i.test(name) ? name : 'a parameter'
}

function malformed(why: string): MisuseError {
  return new MisuseError('OPTION_INVALID', `the connection string is malformed: ${why}`)
}
