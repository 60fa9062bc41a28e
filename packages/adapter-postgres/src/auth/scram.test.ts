import { describe, expect, it } from 'vitest'
import { md5Answer } from './md5.ts'
import { Scram, ScramError } from './scram.ts'

// RFC 7677, section 3.
const vector = {
  user: 'user',
  password: 'pencil',
  nonce: 'rOprNGfwEbeRWgbNEkqO',
  serverFirst:
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  final:
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
}

function client(changes: object = {}): Scram {
  const { user, password, nonce } = vector
  return new Scram({ user, password, nonce, maxIterations: 100_000, ...changes })
}

describe('SCRAM-SHA-256', () => {
  it('follows the exchange of RFC 7677', async () => {
    const scram = client()
    expect(scram.mechanism).toBe('SCRAM-SHA-256')
    expect(scram.first()).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO')
    expect(await scram.final(vector.serverFirst)).toBe(vector.final)
    expect(() => scram.verify(vector.serverFinal)).not.toThrow()
  })

  it('refuses a server that does not know the password', async () => {
    const scram = client({ password: 'other' })
    await scram.final(vector.serverFirst)
    expect(() => scram.verify(vector.serverFinal)).toThrow(ScramError)
  })

  it('refuses a proof that comes before the challenge', () => {
    expect(() => client().verify(vector.serverFinal)).toThrow(ScramError)
  })

  it('refuses a nonce that is not an extension of ours', async () => {
    await expect(client({ nonce: 'mine' }).final(vector.serverFirst)).rejects.toThrow(ScramError)
    await expect(
      client().final('r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'),
    ).rejects.toThrow(ScramError)
  })

  it('refuses more rounds than the limit, before it hashes', async () => {
    const challenge = vector.serverFirst.replace('i=4096', 'i=2000000000')
    await expect(client().final(challenge)).rejects.toThrow(/scramMaxIterations/)
  })

  it.each(['', 'e=invalid-proof', 'r=x', 'r=a,s=,i=1', 'r=a,s=!!!!,i=1', 'm=x,r=a,s=QQ==,i=1'])(
    'refuses the challenge %j',
    async (challenge) => {
      await expect(client().final(challenge)).rejects.toThrow(ScramError)
    },
  )

  it('binds the channel with the hash of the certificate', () => {
    const scram = client({ certificateHash: Buffer.from('hash') })
    expect(scram.mechanism).toBe('SCRAM-SHA-256-PLUS')
    expect(scram.first()).toMatch(/^p=tls-server-end-point,,/)
    expect(client({ bindingPossible: true }).first()).toMatch(/^y,,/)
  })
})

it('answers MD5 as the server expects it', () => {
  // select 'md5' || md5(md5('secret' || 'alice') || 'abcd')
  expect(md5Answer('alice', 'secret', Buffer.from('abcd'))).toBe(
    'md5c90bcafc0a2b54511742383e34d5dc9d',
  )
})
