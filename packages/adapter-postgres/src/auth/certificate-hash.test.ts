import { createHash, X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { certificate } from '../testing/certificates.ts'
import { certificateHash } from './certificate-hash.ts'

it.each([
  ['client.crt', 'sha256'],
  ['server.crt', 'sha384'],
  ['rsa-pss-sha512.crt', 'sha512'],
  ['rsa-sha1.crt', 'sha256'],
])('binds to %s with %s', (name, digest) => {
  const { raw } = new X509Certificate(certificate(name))
  expect(certificateHash(raw)).toEqual(createHash(digest).update(raw).digest())
})

it('cannot bind to a signature without a digest', () => {
  const { raw } = new X509Certificate(certificate('ed25519.crt'))
  expect(certificateHash(raw)).toBeUndefined()
})

it('refuses what is cut short', () => {
  const { raw } = new X509Certificate(certificate('server.crt'))
  expect(() => certificateHash(raw.subarray(0, raw.length - 20))).toThrow(RangeError)
})
