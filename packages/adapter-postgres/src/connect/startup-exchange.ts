import {
  type Authentication,
  type AuthenticationAnswer,
  AuthenticationError,
} from '../auth/authenticate.ts'
import type { Exchange } from '../wire/channel.ts'
import { password, saslInitialResponse, saslResponse } from '../wire/protocol.ts'
import { type ErrorFields, ServerError } from '../wire/server-error.ts'

/** What the server names a session by, for cancelling. */
export interface BackendKey {
  readonly processId: number
  /** Four bytes, or up to 256 from protocol 3.2 on. */
  readonly secret: Buffer
}

/** The server sent what has no place before a session. */
export class UnexpectedMessageError extends Error {
  override readonly name = 'UnexpectedMessageError'
}

/** More requests than any method has, sent before we answered: nobody does that in good faith. */
const maxRequestsWaiting = 4

/** The exchange from the startup message to the first ReadyForQuery. */
export class StartupExchange implements Exchange {
  readonly promise: Promise<BackendKey | undefined>
  readonly #authentication: Authentication
  readonly #send: (bytes: Buffer) => void
  #resolve!: (key: BackendKey | undefined) => void
  #reject!: (error: unknown) => void
  #key: BackendKey | undefined
  /** Answers leave in order, though getting a password may take time. */
  #turn: Promise<void> = Promise.resolve()
  #waiting = 0

  constructor(authentication: Authentication, send: (bytes: Buffer) => void) {
    this.#authentication = authentication
    this.#send = send
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  message(type: number, buffer: Buffer, start: number, end: number): void {
    if (type === authentication) {
      if (end - start < 4 || this.#waiting >= maxRequestsWaiting) {
        throw new UnexpectedMessageError(
          'the server sent malformed or too many authentication requests',
        )
      }
      this.#waiting++
      const code = buffer.readInt32BE(start)
      const body = Buffer.from(buffer.subarray(start + 4, end))
      this.#turn = this.#turn.then(async () => {
        try {
          const answer = await this.#authentication.answer(code, body)
          if (answer !== undefined) this.#send(encode(answer))
        } catch (error) {
          this.#reject(error)
        } finally {
          this.#waiting--
        }
      })
    } else if (type === backendKeyData && end - start >= 4) {
      this.#key = {
        processId: buffer.readInt32BE(start),
        secret: Buffer.from(buffer.subarray(start + 4, end)),
      }
    } else {
      throw new UnexpectedMessageError(
        `the server answered the startup message with "${String.fromCharCode(type)}"; this is not PostgreSQL, or not a version that this driver knows`,
      )
    }
  }

  error(fields: ErrorFields): void {
    this.#reject(new ServerError(fields))
  }

  ready(): void {
    // Behind the answers: the server's last word on authentication is checked before it counts.
    void this.#turn.then(() => {
      if (this.#authentication.done) this.#resolve(this.#key)
      else {
        this.#reject(
          new AuthenticationError(
            'the server began the session without ending authentication; it may not be the server it claims to be',
          ),
        )
      }
    })
  }

  lost(error: unknown): void {
    this.#reject(error)
  }
}

const authentication = 0x52
const backendKeyData = 0x4b

function encode(answer: AuthenticationAnswer): Buffer {
  switch (answer.kind) {
    case 'password':
      return password(answer.text)
    case 'sasl_initial':
      return saslInitialResponse(answer.mechanism, answer.text)
    case 'sasl':
      return saslResponse(answer.text)
  }
}
