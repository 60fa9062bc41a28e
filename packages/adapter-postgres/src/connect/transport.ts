import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { certificateHash } from '../auth/certificate-hash.ts'
import type { ParsedOptions } from '../options/options.ts'
import { ConnectError } from './connect-error.ts'
import { withinLimit } from './connect-limit.ts'
import { nameOf, openSocket } from './socket.ts'
import { askForTls } from './ssl-request.ts'
import { readTlsFiles } from './tls-files.ts'
import { encrypt } from './tls-handshake.ts'

/** A connection to the server on which nothing of the session has been said. */
export interface Transport {
  readonly socket: Socket | TLSSocket
  /** Undefined: not encrypted. */
  readonly tls: { readonly certificateHash: Buffer | undefined } | undefined
}

/**
 * Opens a connection, encrypted where the mode says so. A server's refusal to encrypt is an error
 * unless the mode is `prefer`.
 *
 * @throws ConnectError, or the signal's reason
 */
export async function openTransport(
  options: ParsedOptions,
  encrypted: boolean,
  signal: AbortSignal,
): Promise<Transport> {
  if (!encrypted) return { socket: await openSocket(options, signal), tls: undefined }
  const { tls } = options
  const material = await withinLimit(readTlsFiles(tls), signal)
  const socket = await openSocket(options, signal)
  if (tls.negotiation === 'postgres' && !(await askForTls(socket, options, signal))) {
    if (tls.mode === 'prefer') return { socket, tls: undefined }
    socket.destroy()
    throw new ConnectError(
      'authentication',
      `${nameOf(options)} does not encrypt, and sslMode "${tls.mode}" wants it. Turn on ssl there; on a network that is safe, sslMode "disable" does without`,
    )
  }
  const secured = await encrypt(socket, options, material, signal)
  const certificate = secured.getPeerX509Certificate()
  return {
    socket: secured,
    tls: { certificateHash: certificate && certificateHash(certificate.raw) },
  }
}
