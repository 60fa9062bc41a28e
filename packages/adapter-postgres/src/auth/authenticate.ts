import type { PasswordSource } from '../options/postgres-options.ts'
import type { AuthMethod, RequireAuth } from '../options/require-auth.ts'
import { md5Answer } from './md5.ts'
import { Scram } from './scram.ts'

/** What answering the server's request for authentication needs. */
export interface Credentials {
  readonly user: string
  /** The password, or what gets it when it is needed; undefined where there is none. */
  readonly password: PasswordSource | (() => Promise<string | undefined>) | undefined
  /** Most rounds of hashing that the server may ask for. */
  readonly scramMaxIterations: number
  readonly channelBinding: 'disable' | 'prefer' | 'require'
  /** The methods that the server may use; undefined: any. */
  readonly requireAuth: RequireAuth | undefined
  /** Whether the connection is encrypted, and the hash of the server's certificate if it has one. */
  readonly tls: { readonly certificateHash: Buffer | undefined } | undefined
}

/** The server asks for what we do not do or were told not to, or we have nothing to answer. */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError'
}

/** An answer to send: a password message, or a step of SASL. */
export type AuthenticationAnswer =
  | { readonly kind: 'password'; readonly text: string }
  | { readonly kind: 'sasl_initial'; readonly mechanism: string; readonly text: string }
  | { readonly kind: 'sasl'; readonly text: string }

/**
 * The client's side of authentication: takes the server's requests (the code and body of an
 * Authentication message) and gives what to answer. One for each connection. Every step comes once
 * and in its order, so a server can neither skip its own proof nor go on for ever.
 */
export class Authentication {
  readonly #credentials: Credentials
  #state: 'start' | 'password_sent' | 'scram_begun' | 'scram_answered' | 'proven' | 'done' = 'start'
  #scram: Scram | undefined

  constructor(credentials: Credentials) {
    this.#credentials = credentials
  }

  /** Whether the server let us in, after all that it had to do for it. */
  get done(): boolean {
    return this.#state === 'done'
  }

  /** Undefined: nothing to answer. @throws AuthenticationError, ScramError */
  async answer(code: number, body: Buffer): Promise<AuthenticationAnswer | undefined> {
    switch (code) {
      case 0:
        this.#ok()
        return undefined
      case 3:
        this.#begin('password', 'password_sent')
        return { kind: 'password', text: await this.#password() }
      case 5: {
        this.#begin('md5', 'password_sent')
        const { user } = this.#credentials
        return { kind: 'password', text: md5Answer(user, await this.#password(), body) }
      }
      case 10:
        this.#begin('scram-sha-256', 'scram_begun')
        return await this.#scramFirst(body)
      case 11:
        return {
          kind: 'sasl',
          text: await this.#next('scram_begun', 'scram_answered').final(body.toString('utf8')),
        }
      case 12:
        this.#next('scram_answered', 'proven').verify(body.toString('utf8'))
        return undefined
      default:
        throw new AuthenticationError(
          `the server asks for an authentication method that this driver does not have (code ${code}); it has SCRAM-SHA-256, MD5 and cleartext passwords`,
        )
    }
  }

  #ok(): void {
    if (this.#state === 'start') this.#permit('none')
    else if (this.#state !== 'password_sent' && this.#state !== 'proven') {
      throw new AuthenticationError(
        'the server let us in without proving that it knows the password; it may not be the server it claims to be',
      )
    }
    this.#state = 'done'
  }

  #begin(method: AuthMethod, state: 'password_sent' | 'scram_begun'): void {
    if (this.#state !== 'start') throw outOfTurn()
    this.#permit(method)
    this.#state = state
  }

  #next(from: 'scram_begun' | 'scram_answered', to: 'scram_answered' | 'proven'): Scram {
    if (this.#state !== from || this.#scram === undefined) throw outOfTurn()
    this.#state = to
    return this.#scram
  }

  #permit(method: AuthMethod): void {
    const { requireAuth, channelBinding } = this.#credentials
    const asks = method === 'none' ? 'asks for no authentication' : `asks for ${method}`
    if (requireAuth !== undefined && !requireAuth.allows(method)) {
      throw new AuthenticationError(
        `the server ${asks}, and requireAuth (require_auth) "${requireAuth.text}" does not allow that`,
      )
    }
    if (channelBinding === 'require' && method !== 'scram-sha-256') {
      throw new AuthenticationError(
        `the server ${asks}, which cannot be bound to the connection as channelBinding "require" wants; only SCRAM over TLS can`,
      )
    }
  }

  async #scramFirst(body: Buffer): Promise<AuthenticationAnswer> {
    const { channelBinding, tls, scramMaxIterations } = this.#credentials
    const mechanisms = body.toString('latin1').split('\0').filter(Boolean)
    const hash = channelBinding === 'disable' ? undefined : tls?.certificateHash
    const bind = hash !== undefined && mechanisms.includes('SCRAM-SHA-256-PLUS')
    if (channelBinding === 'require' && !bind) {
      throw new AuthenticationError(
        tls === undefined
          ? 'channelBinding "require" needs an encrypted connection, and this one is not; take sslMode "require" or a stricter one'
          : hash === undefined
            ? 'channelBinding "require" cannot be kept: the signature of the server\'s certificate has no digest to bind with'
            : 'the server does not offer the channel binding that channelBinding "require" wants; somebody may sit between',
      )
    }
    if (!bind && !mechanisms.includes('SCRAM-SHA-256')) {
      throw new AuthenticationError(
        mechanisms.includes('SCRAM-SHA-256-PLUS')
          ? 'the server offers only SCRAM-SHA-256-PLUS, which needs TLS and channelBinding'
          : 'the server offers no SASL mechanism that this driver has; it has SCRAM-SHA-256 and SCRAM-SHA-256-PLUS',
      )
    }
    this.#scram = new Scram({
      password: await this.#password(),
      maxIterations: scramMaxIterations,
      ...(bind ? { certificateHash: hash } : { bindingPossible: hash !== undefined }),
    })
    return { kind: 'sasl_initial', mechanism: this.#scram.mechanism, text: this.#scram.first() }
  }

  async #password(): Promise<string> {
    const { password } = this.#credentials
    const given = typeof password === 'function' ? await password() : password
    if (typeof given === 'string' && given !== '') {
      if (!given.includes('\0')) return given
      throw new AuthenticationError(
        'the password holds a NUL character, which PostgreSQL cannot take; remove it',
      )
    }
    throw new AuthenticationError(
      'the server asks for a password and none was given; give the option password, PGPASSWORD or a line of the password file',
    )
  }
}

function outOfTurn(): AuthenticationError {
  return new AuthenticationError(
    'the server sent a step of authentication that was not its turn; it may not be the server it claims to be',
  )
}
