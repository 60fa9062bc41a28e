import { isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls'
import type { ParsedOptions } from '../options/options.ts'
import { ConnectError, codeOf } from './connect-error.ts'
import { phase } from './phase.ts'
import { nameOf } from './socket.ts'
import type { TlsMaterial } from './tls-files.ts'

/** The name of PostgreSQL's protocol inside TLS. */
const protocol = 'postgresql'

/**
 * Encrypts a socket, and asks the server who it is as far as the mode says.
 *
 * @throws ConnectError where the handshake fails or the server is not who it should be
 */
export async function encrypt(
  socket: Socket,
  options: ParsedOptions,
  material: TlsMaterial,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { host, tls } = options
  let secured: TLSSocket
  try {
    secured = connect({
      socket,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ALPNProtocols: [protocol],
      minVersion: tls.minVersion,
      maxVersion: tls.maxVersion ?? 'TLSv1.3',
      rejectUnauthorized: material.ca !== undefined,
      ca: material.ca,
      cert: material.cert,
      key: material.key,
      passphrase: tls.keyPassword,
      checkServerIdentity: (_name, certificate) =>
        tls.mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
    })
  } catch (cause) {
    socket.destroy()
    throw new ConnectError(
      'authentication',
      `the certificates for the connection cannot be used [${codeOf(cause) ?? 'unknown'}]; check sslRootCert, sslCert, sslKey and sslPassword`,
      cause,
    )
  }
  try {
    await phase<void>(secured, signal, (resolve) => {
      secured.once('secureConnect', resolve)
      return () => secured.off('secureConnect', resolve)
    })
  } catch (error) {
    if (signal.aborted) throw error
    throw describe(error, nameOf(options))
  }
  // Without it, something that is not PostgreSQL could be talked into answering (ALPACA).
  if (tls.negotiation === 'direct' && secured.alpnProtocol !== protocol) {
    secured.destroy()
    throw new ConnectError(
      'authentication',
      `${nameOf(options)} did not agree to PostgreSQL's protocol inside TLS; sslNegotiation "direct" needs PostgreSQL 17 or later`,
    )
  }
  return secured
}

const trustHint =
  'give the provider\'s authority with sslRootCert (sslrootcert=/path/ca.pem in a connection string, PGSSLROOTCERT). sslMode "require" would encrypt without knowing who answers'

function describe(error: unknown, name: string): ConnectError {
  const code = codeOf(error)
  switch (code) {
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_UNTRUSTED':
    case 'CERT_SIGNATURE_FAILURE':
      return new ConnectError(
        'authentication',
        `the certificate of ${name} is not from an authority that is trusted here; ${trustHint}`,
        error,
      )
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return new ConnectError(
        'authentication',
        `the certificate of ${name} is for another host; connect by the name that is in it, or give the address with hostAddress (hostaddr)`,
        error,
      )
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return new ConnectError(
        'authentication',
        `the certificate of ${name} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}`,
        error,
      )
    default:
      return new ConnectError(
        code?.startsWith('ERR_SSL') ? 'authentication' : 'connection_refused',
        `the TLS handshake with ${name} failed [${code ?? 'closed'}]`,
        error,
        { handshake: true },
      )
  }
}
