import { createHash } from 'node:crypto'

/** Digests by the OID of a signature algorithm (RFC 3279, 4055, 5758). */
const digests: { readonly [algorithm: string]: string } = {
  // MD5 and SHA-1 bind with SHA-256 instead (RFC 5929, section 4.1).
  '1.2.840.113549.1.1.4': 'sha256',
  '1.2.840.113549.1.1.5': 'sha256',
  '1.2.840.10045.4.1': 'sha256',
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  // Digests by their own OID, for RSASSA-PSS.
  '1.3.14.3.2.26': 'sha256',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

const rsaPss = '1.2.840.113549.1.1.10'

/**
 * The data of the channel binding `tls-server-end-point` (RFC 5929, section 4): the hash of the
 * server's certificate by the digest of its signature.
 *
 * @param certificate in DER
 * @returns undefined where the signature has no digest of its own (Ed25519): such a certificate
 * cannot be bound to, and PostgreSQL does not offer it either
 */
export function certificateHash(certificate: Buffer): Buffer | undefined {
  const algorithm = signatureDigest(certificate)
  return algorithm === undefined ? undefined : createHash(algorithm).update(certificate).digest()
}

/** Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue } (RFC 5280). */
function signatureDigest(certificate: Buffer): string | undefined {
  const [, algorithm] = elements(element(certificate, 0).body)
  if (algorithm === undefined) return undefined
  const [oid, parameters] = elements(algorithm.body)
  if (oid === undefined) return undefined
  const name = objectIdentifier(oid.body)
  if (name !== rsaPss) return Object.hasOwn(digests, name) ? digests[name] : undefined
  // RSASSA-PSS-params ::= SEQUENCE { [0] hashAlgorithm DEFAULT sha1, … }
  const hash = parameters === undefined ? undefined : elements(parameters.body)[0]
  if (hash?.tag !== 0xa0) return 'sha256'
  const [digest] = elements(element(hash.body, 0).body)
  return digest === undefined ? undefined : digests[objectIdentifier(digest.body)]
}

interface Element {
  readonly tag: number
  readonly body: Buffer
  readonly end: number
}

function element(der: Buffer, start: number): Element {
  const tag = der.readUInt8(start)
  let length = der.readUInt8(start + 1)
  let body = start + 2
  if (length >= 0x80) {
    const bytes = length & 0x7f
    length = der.readUIntBE(body, bytes)
    body += bytes
  }
  const end = body + length
  if (end > der.length) throw new RangeError('the certificate is cut short')
  return { tag, body: der.subarray(body, end), end }
}

function elements(der: Buffer): Element[] {
  const list: Element[] = []
  for (let at = 0; at < der.length; ) {
    const next = element(der, at)
    list.push(next)
    at = next.end
  }
  return list
}

function objectIdentifier(body: Buffer): string {
  const numbers: number[] = []
  let value = 0
  for (const byte of body) {
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      if (numbers.length === 0) {
        const first = Math.min(Math.floor(value / 40), 2)
        numbers.push(first, value - first * 40)
      } else numbers.push(value)
      value = 0
    }
  }
  return numbers.join('.')
}
