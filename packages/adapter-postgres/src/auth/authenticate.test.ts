import { describe, expect, it } from 'vitest'
import { parseRequireAuth } from '../options/require-auth.ts'
import { Authentication, AuthenticationError, type Credentials } from './authenticate.ts'

const certificateHash = Buffer.alloc(32, 7)
const empty = Buffer.alloc(0)
const both = Buffer.from('SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0')
const plain = Buffer.from('SCRAM-SHA-256\0\0')

function authentication(changes: Partial<Credentials> = {}): Authentication {
  return new Authentication({
    user: 'me',
    password: 'secret',
    scramMaxIterations: 4096,
    channelBinding: 'prefer',
    requireAuth: undefined,
    tls: undefined,
    ...changes,
  })
}

const refused = { name: 'AuthenticationError' }

describe('channel binding', () => {
  const tls = { certificateHash }

  it.each<[string, Partial<Credentials>, Buffer, string, RegExp]>([
    ['binds over TLS where it is offered', { tls }, both, 'SCRAM-SHA-256-PLUS', /^p=tls-server/],
    ['says over TLS that it could have bound', { tls }, plain, 'SCRAM-SHA-256', /^y,,/],
    ['does not bind without TLS', {}, both, 'SCRAM-SHA-256', /^n,,/],
    [
      'does not bind to a certificate without a hash',
      { tls: { certificateHash: undefined } },
      both,
      'SCRAM-SHA-256',
      /^n,,/,
    ],
    [
      'does not bind where it is disabled',
      { tls, channelBinding: 'disable' },
      both,
      'SCRAM-SHA-256',
      /^n,,/,
    ],
  ])('%s', async (_name, credentials, offer, mechanism, text) => {
    const answer = await authentication(credentials).answer(10, offer)
    expect(answer).toMatchObject({
      kind: 'sasl_initial',
      mechanism,
      text: expect.stringMatching(text),
    })
  })

  it.each<[string, Partial<Credentials>, number, Buffer]>([
    ['trust', { tls }, 0, empty],
    ['cleartext', { tls }, 3, empty],
    ['md5', { tls }, 5, Buffer.from('salt')],
    ['SCRAM without PLUS', { tls }, 10, plain],
    ['a connection without TLS', {}, 10, both],
    ['a certificate without a hash', { tls: { certificateHash: undefined } }, 10, both],
  ])('required, refuses %s', async (_name, credentials, code, body) => {
    const strict = authentication({ ...credentials, channelBinding: 'require' })
    await expect(strict.answer(code, body)).rejects.toMatchObject(refused)
    expect(strict.done).toBe(false)
  })
})

describe('requireAuth', () => {
  const methods: readonly [string, number, Buffer][] = [
    ['none', 0, empty],
    ['password', 3, empty],
    ['md5', 5, Buffer.from('salt')],
    ['scram-sha-256', 10, plain],
  ]

  it.each(methods)('lets %s through where it is allowed', async (method, code, body) => {
    const requireAuth = parseRequireAuth(method)
    const answer = await authentication({ requireAuth }).answer(code, body)
    expect(answer === undefined).toBe(method === 'none')
  })

  it.each(methods)('refuses %s where it is not, before the password is got', async (...given) => {
    const [method, code, body] = given
    const password = () => expect.fail('the password was asked for')
    const strict = authentication({ requireAuth: parseRequireAuth(`!${method}`), password })
    await expect(strict.answer(code, body)).rejects.toMatchObject(refused)
  })
})

describe('a hostile server', () => {
  it('cannot let us in before it has proven itself', async () => {
    const begun = authentication()
    await begun.answer(10, plain)
    await expect(begun.answer(0, empty)).rejects.toMatchObject(refused)
    expect(begun.done).toBe(false)
  })

  it.each([
    ['continue before the begin', [[11, empty]]],
    [
      'prove itself before the challenge',
      [
        [10, plain],
        [12, empty],
      ],
    ],
    [
      'begin again',
      [
        [10, plain],
        [10, plain],
      ],
    ],
    [
      'ask in the clear after SCRAM began',
      [
        [10, plain],
        [3, empty],
      ],
    ],
    [
      'ask for a password twice',
      [
        [3, empty],
        [3, empty],
      ],
    ],
    [
      'go on after letting us in',
      [
        [0, empty],
        [3, empty],
      ],
    ],
    [
      'let us in twice',
      [
        [0, empty],
        [0, empty],
      ],
    ],
    ['ask for Kerberos', [[7, empty]]],
  ] as [string, [number, Buffer][]][])('cannot %s', async (_name, steps) => {
    const one = authentication()
    const last = steps.pop() as [number, Buffer]
    for (const [code, body] of steps) await one.answer(code, body)
    await expect(one.answer(...last)).rejects.toBeInstanceOf(AuthenticationError)
  })
})

it.each([undefined, '', () => '', () => undefined as never])(
  'says that there is no password for %o',
  async (password) => {
    await expect(authentication({ password }).answer(3, empty)).rejects.toThrow(/none was given/)
  },
)

it('refuses a password with a NUL before it is sent', async () => {
  const password = () => 'sec\0ret'
  const error = await authentication({ password })
    .answer(3, empty)
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject(refused)
  expect(String(error)).not.toContain('sec')
})
