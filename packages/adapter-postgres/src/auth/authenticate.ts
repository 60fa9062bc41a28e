import { md5Answer } from './md5.ts'
import { Scram } from './scram.ts'

/** What answering the server's request for authentication needs. */
export interface Credentials {
  readonly user: string
  /** The password, or what gets it when it is needed; undefined where there is none. */
  readonly password: string | (() => string | Promise<string>) | undefined
  /** Most rounds of hashing that the server may ask for. */
  readonly scramMaxIterations: number
}

/** The server asks for what we do not do, or we have nothing to answer. */
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
 * Authentication message) and gives what to answer. One for each connection.
 */
export class Authentication {
  readonly #credentials: Credentials
  #scram: Scram | undefined
  /** Whether the server proved itself, where the method lets it. */
  #verified = false

  constructor(credentials: Credentials) {
    this.#credentials = credentials
  }

  /** Undefined: nothing to answer. @throws AuthenticationError, ScramError */
  async answer(code: number, body: Buffer): Promise<AuthenticationAnswer | undefined> {
    switch (code) {
      case 0:
        if (this.#scram !== undefined && !this.#verified) {
          throw new AuthenticationError(
            'the server let us in without proving that it knows the password; it may not be the server it claims to be',
          )
        }
        return undefined
      case 3:
        return { kind: 'password', text: await this.#password() }
      case 5:
        return {
          kind: 'password',
          text: md5Answer(this.#credentials.user, await this.#password(), body),
        }
      case 10:
        return await this.#begin(body)
      case 11:
        return { kind: 'sasl', text: await this.#expectScram().final(body.toString('utf8')) }
      case 12:
        this.#expectScram().verify(body.toString('utf8'))
        this.#verified = true
        return undefined
      default:
        throw new AuthenticationError(
          `the server asks for an authentication method that this driver does not have (code ${code}); it has SCRAM-SHA-256, MD5 and cleartext passwords`,
        )
    }
  }

  async #begin(body: Buffer): Promise<AuthenticationAnswer> {
    const mechanisms = body.toString('latin1').split('\0').filter(Boolean)
    if (!mechanisms.includes('SCRAM-SHA-256')) {
      throw new AuthenticationError(
        `the server offers ${mechanisms.join(', ') || 'no mechanism'} and this driver has SCRAM-SHA-256`,
      )
    }
    this.#scram = new Scram({
      password: await this.#password(),
      maxIterations: this.#credentials.scramMaxIterations,
    })
    return { kind: 'sasl_initial', mechanism: this.#scram.mechanism, text: this.#scram.first() }
  }

  #expectScram(): Scram {
    if (this.#scram === undefined) {
      throw new AuthenticationError('the server continued a SASL exchange that had not begun')
    }
    return this.#scram
  }

  async #password(): Promise<string> {
    const { password } = this.#credentials
    const given = typeof password === 'function' ? await password() : password
    if (typeof given === 'string' && given !== '') return given
    throw new AuthenticationError('the server asks for a password and none was given')
  }
}
