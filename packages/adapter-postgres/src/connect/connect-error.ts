/**
 * No session came about. `connection_refused`: it may work later; `authentication`: one side did not
 * prove who it is, or may not speak without encryption, and that stays so until somebody mends it.
 */
export class ConnectError extends Error {
  override readonly name = 'ConnectError'
  readonly kind: 'connection_refused' | 'authentication'
  /** The system's or OpenSSL's code, `ECONNREFUSED` for example. */
  readonly code: string | undefined
  /** Whether the connection was there and its encryption did not come about. */
  readonly handshake: boolean

  constructor(
    kind: 'connection_refused' | 'authentication',
    message: string,
    cause?: unknown,
    { handshake = false } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.handshake = handshake
    this.kind = kind
    this.code = codeOf(cause)
  }
}

/** The code of an error of Node. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : undefined
}
