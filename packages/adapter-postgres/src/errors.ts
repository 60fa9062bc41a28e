import type { ErrorDescription } from '@mortise/core/adapter'
import { AuthenticationError } from './auth/authenticate.ts'
import { ScramError } from './auth/scram.ts'
import { ConnectError } from './connect/connect-error.ts'
import { kindOf, mayQuoteValues } from './sqlstate.ts'
import { ConnectionLostError } from './wire/channel.ts'
import { type ErrorFields, ServerError } from './wire/server-error.ts'

/** What an error of this driver or of the server means; undefined for any other. */
export function classifyError(error: unknown): ErrorDescription | undefined {
  if (error instanceof ServerError) return describe(error.fields)
  if (error instanceof ConnectionLostError) {
    const { cause } = error
    const code = (cause as { code?: unknown } | undefined)?.code
    return {
      kind: 'connection_lost',
      code: typeof code === 'string' ? code : undefined,
      message: error.message,
    }
  }
  if (error instanceof ConnectError) {
    return { kind: error.kind, code: error.code, message: error.message, fate: 'discard' }
  }
  if (error instanceof AuthenticationError || error instanceof ScramError) {
    return { kind: 'authentication', message: error.message, fate: 'discard' }
  }
  return undefined
}

function describe(fields: ErrorFields): ErrorDescription {
  const { code, severity } = fields
  const kind = isStale(fields) ? 'stale_statement' : kindOf(code)
  const fatal = severity === 'FATAL' || severity === 'PANIC'
  return {
    kind,
    code,
    message: mayQuoteValues(code) ? undefined : fields.message,
    constraint: fields.constraint,
    table: fields.table,
    column: fields.column,
    fate: fatal || kind === 'connection_lost' ? 'discard' : 'keep',
  }
}

/**
 * Whether a cached statement no longer fits the schema. SQLSTATE 0A000 alone means any feature that
 * is not supported, so the server's routine tells them apart; messages are localised and do not.
 */
function isStale({ code, routine }: ErrorFields): boolean {
  return code === '0A000' && routine === 'RevalidateCachedQuery'
}
