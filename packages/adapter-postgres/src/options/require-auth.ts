import { MisuseError } from '@mortise/core/adapter'

/** The ways that a server has to ask who we are; `none`: it asks for nothing. */
export type AuthMethod = 'none' | 'password' | 'md5' | 'scram-sha-256'

/** Which methods the server may use. */
export interface RequireAuth {
  allows(method: AuthMethod): boolean
  /** As it was written, for messages. */
  readonly text: string
}

/** Those that libpq knows; a server that asks for one we do not have is refused anyway. */
const known = ['none', 'password', 'md5', 'scram-sha-256', 'gss', 'sspi', 'oauth']

/**
 * Parses libpq's `require_auth`: methods separated by commas, all of them allowed, or all of them
 * with `!` and not allowed.
 *
 * @throws MisuseError for an unknown or repeated method, or both kinds together
 */
export function parseRequireAuth(text: string): RequireAuth {
  const entries = text.split(',').map((entry) => entry.trim())
  const negated = entries[0]?.startsWith('!') ?? false
  const methods = new Set<string>()
  for (const entry of entries) {
    if (entry.startsWith('!') !== negated) {
      throw invalid('takes methods that are allowed or, with "!", not allowed; never both together')
    }
    const method = negated ? entry.slice(1) : entry
    if (!known.includes(method)) throw invalid(`takes ${known.join(', ')}, separated by commas`)
    if (methods.has(method)) throw invalid(`names ${method} twice`)
    methods.add(method)
  }
  return { text: entries.join(','), allows: (method) => methods.has(method) !== negated }
}

function invalid(what: string): MisuseError {
  return new MisuseError('OPTION_INVALID', `requireAuth ${what}`)
}
