import type { Socket } from 'node:net'
import { ConnectError } from './connect-error.ts'
import { phase } from './phase.ts'
import { nameOf, type Target } from './socket.ts'

/** SSLRequest: the length and the code 80877103 (PostgreSQL documentation, "Message Formats"). */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

/**
 * Asks whether the server takes TLS on this connection. Its answer is one byte. More than that is
 * refused: what came in the clear must never be read as if it had been encrypted (CVE-2021-23222).
 *
 * @throws ConnectError for any other answer; its text is not shown, for nobody has vouched for it
 */
export async function askForTls(
  socket: Socket,
  target: Target,
  signal: AbortSignal,
): Promise<boolean> {
  const answer = phase<Buffer>(socket, signal, (resolve) => {
    const onData = (chunk: Buffer): void => {
      socket.pause()
      resolve(chunk)
    }
    socket.once('data', onData)
    return () => socket.off('data', onData)
  })
  socket.write(sslRequest)
  let chunk: Buffer
  try {
    chunk = await answer
  } catch (error) {
    if (signal.aborted) throw error
    throw new ConnectError(
      'connection_refused',
      `${nameOf(target)} closed the connection when it was asked for encryption`,
      error,
    )
  }
  const refused = verdict(chunk, nameOf(target))
  if (refused !== undefined) {
    socket.destroy()
    throw refused
  }
  return chunk[0] === yes
}

function verdict(chunk: Buffer, name: string): ConnectError | undefined {
  if (chunk[0] === error) {
    return new ConnectError(
      'connection_refused',
      `${name} answered the request for encryption with an error; it may be too old, or out of connections`,
    )
  }
  if (chunk[0] !== yes && chunk[0] !== no) {
    return new ConnectError(
      'connection_refused',
      `${name} does not speak PostgreSQL's protocol. Check the host and the port`,
    )
  }
  if (chunk.length > 1) {
    return new ConnectError(
      'authentication',
      `${name} sent unencrypted data before the encryption began; somebody may sit between`,
    )
  }
  return undefined
}

const yes = 0x53
const no = 0x4e
const error = 0x45
