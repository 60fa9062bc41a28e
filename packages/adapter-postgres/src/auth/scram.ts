import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { saslPrep } from './sasl-prep.ts'

const derive = promisify(pbkdf2)

/** The server did not do its part of SCRAM, or asked for what is not safe. */
export class ScramError extends Error {
  override readonly name = 'ScramError'
}

/** How the client's side of one authentication is set up. */
export interface ScramConfig {
  readonly password: string
  /**
   * The hash of the server's certificate, for SCRAM-SHA-256-PLUS (`tls-server-end-point`,
   * RFC 5929). Without it the channel is not bound.
   */
  readonly certificateHash?: Buffer | undefined
  /** Whether the connection could be bound but the server offered no PLUS (RFC 5802, `y`). */
  readonly bindingPossible?: boolean | undefined
  /** Most rounds that a server may ask for: each costs CPU here. */
  readonly maxIterations: number
  /** Default: 18 random bytes in base64. For tests with known vectors. */
  readonly nonce?: string | undefined
  /** Default empty: PostgreSQL takes the name of the startup message. For tests with known vectors. */
  readonly user?: string | undefined
}

/**
 * The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677): first message, answer to the server's
 * challenge, and the check of the server's own proof, without which anybody could play the server.
 */
export class Scram {
  readonly #config: ScramConfig
  readonly #nonce: string
  readonly #gs2Header: string
  readonly #firstBare: string
  #serverSignature: Buffer | undefined

  constructor(config: ScramConfig) {
    this.#config = config
    this.#nonce = config.nonce ?? randomBytes(18).toString('base64')
    this.#gs2Header =
      config.certificateHash !== undefined
        ? 'p=tls-server-end-point,,'
        : config.bindingPossible
          ? 'y,,'
          : 'n,,'
    this.#firstBare = `n=${config.user ?? ''},r=${this.#nonce}`
  }

  /** The mechanism to name to the server. */
  get mechanism(): 'SCRAM-SHA-256' | 'SCRAM-SHA-256-PLUS' {
    return this.#config.certificateHash === undefined ? 'SCRAM-SHA-256' : 'SCRAM-SHA-256-PLUS'
  }

  /** The client's first message. */
  first(): string {
    return this.#gs2Header + this.#firstBare
  }

  /**
   * The answer to the server's first message.
   *
   * @throws ScramError for a challenge that is not one, a nonce that is not ours, or too many rounds
   */
  async final(serverFirst: string): Promise<string> {
    const { nonce, salt, iterations } = parseChallenge(serverFirst)
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length) {
      throw new ScramError(
        'the server did not extend our nonce; somebody may be replaying an answer',
      )
    }
    if (iterations > this.#config.maxIterations) {
      throw new ScramError(
        `the server asks for ${iterations} rounds of hashing, over the limit of ${this.#config.maxIterations} (scramMaxIterations)`,
      )
    }
    const binding = Buffer.concat([
      Buffer.from(this.#gs2Header),
      this.#config.certificateHash ?? Buffer.alloc(0),
    ])
    const withoutProof = `c=${binding.toString('base64')},r=${nonce}`
    const signed = `${this.#firstBare},${serverFirst},${withoutProof}`
    const salted = await derive(saslPrep(this.#config.password), salt, iterations, 32, 'sha256')
    const clientKey = hmac(salted, 'Client Key')
    const clientSignature = hmac(createHash('sha256').update(clientKey).digest(), signed)
    const proof = clientKey.map((byte, i) => byte ^ (clientSignature[i] as number))
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), signed)
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`
  }

  /** Checks the server's proof. @throws ScramError where it does not know the password either */
  verify(serverFinal: string): void {
    const fields = attributes(serverFinal)
    const signature = Buffer.from(fields.get('v') ?? '', 'base64')
    if (
      this.#serverSignature === undefined ||
      signature.length !== this.#serverSignature.length ||
      !timingSafeEqual(signature, this.#serverSignature)
    ) {
      throw new ScramError(
        'the server could not prove that it knows the password; it may not be the server it claims to be',
      )
    }
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function parseChallenge(text: string): { nonce: string; salt: Buffer; iterations: number } {
  const fields = attributes(text)
  const nonce = fields.get('r') ?? ''
  const salt = fields.get('s') ?? ''
  const iterations = Number(fields.get('i'))
  if (
    !/^[\x21-\x2b\x2d-\x7e]+$/.test(nonce) ||
    !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(salt) ||
    salt === '' ||
    !Number.isSafeInteger(iterations) ||
    iterations < 1 ||
    fields.has('m')
  ) {
    throw new ScramError("the server's SCRAM challenge is malformed")
  }
  return { nonce, salt: Buffer.from(salt, 'base64'), iterations }
}

function attributes(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const part of text.split(',')) {
    if (part[1] !== '=') throw new ScramError("the server's SCRAM message is malformed")
    fields.set(part[0] as string, part.slice(2))
  }
  return fields
}
