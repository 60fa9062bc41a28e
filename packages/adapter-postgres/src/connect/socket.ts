import { connect, type Socket } from 'node:net'
import type { ParsedOptions } from '../options/options.ts'
import { isSocketDirectory } from '../options/tls.ts'
import { ConnectError, codeOf } from './connect-error.ts'
import { phase } from './phase.ts'

/** Where a connection goes. */
export type Target = Pick<ParsedOptions, 'host' | 'hostAddress' | 'port'>

/** The target's name for messages. */
export function nameOf({ host, port }: Target): string {
  return isSocketDirectory(host) ? socketPath(host, port) : `${host}:${port}`
}

/** Opens a socket, TCP or Unix. @throws ConnectError, or the signal's reason */
export async function openSocket(target: Target, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted()
  const { host, hostAddress, port } = target
  const place = hostAddress ?? host
  const socket = isSocketDirectory(place)
    ? connect(socketPath(place, port).replace(/^@/, '\0'))
    : connect({ host: place, port, noDelay: true, keepAlive: true })
  try {
    await phase<void>(socket, signal, (resolve) => {
      socket.once('connect', resolve)
      return () => socket.off('connect', resolve)
    })
  } catch (error) {
    if (signal.aborted) throw error
    throw new ConnectError(
      'connection_refused',
      `no connection to ${nameOf(target)}: ${why(error)}`,
      error,
    )
  }
  return socket
}

function socketPath(directory: string, port: number): string {
  return `${directory}/.s.PGSQL.${port}`
}

function why(error: unknown): string {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return 'nothing listens there. Check that the server runs, and its host and port'
    case 'ENOENT':
      return 'there is no such socket. Check that the server runs, and its unix_socket_directories'
    case 'ENOTFOUND':
      return 'the name is not known. Check the host'
    case 'EAI_AGAIN':
      return 'the name service does not answer'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to that address from here'
    case 'EACCES':
      return 'this process may not open it'
    default:
      return `the system says ${codeOf(error) ?? 'no reason'}`
  }
}
