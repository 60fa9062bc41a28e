/**
 * The base of every error that Mortise raises on purpose.
 *
 * `code` is stable, uppercase and meant for programs; `message` is meant for people and may be
 * reworded in any release. Neither holds a parameter value, a row value or a password.
 */
export class MortiseError extends Error {
  override readonly name: string = 'MortiseError'
  /** Stable identifier, for example `POOL_QUEUE_FULL`. */
  readonly code: string

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  /** What `JSON.stringify` shows: name, code and message; never the cause or a native error. */
  toJSON(): Record<string, unknown> {
    return { name: this.name, code: this.code, message: this.message }
  }
}

/**
 * The call itself is wrong: an unknown option, a value of the wrong kind, a handle used after its
 * end. Nothing was sent to the database. It is a `TypeError` because the fix is in the caller's
 * code, and it carries a stable `code` like every other error.
 */
export class MisuseError extends TypeError {
  override readonly name: string = 'MisuseError'
  /** Stable identifier, for example `UNKNOWN_COLUMN`. */
  readonly code: string

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  /** What `JSON.stringify` shows: name, code and message. */
  toJSON(): Record<string, unknown> {
    return { name: this.name, code: this.code, message: this.message }
  }
}
