import type { Socket } from 'node:net'

/**
 * One wait on a socket. It ends with what `begin` resolves or rejects, with the socket's error or
 * end, or with the signal, which destroys the socket; nothing that it listened for stays behind.
 *
 * @param begin starts the wait and gives what takes its listeners off
 * @throws the signal's reason, or an Error with the socket's code
 */
export function phase<T>(
  socket: Socket,
  signal: AbortSignal,
  begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      end()
      socket.off('error', failed)
      socket.off('close', closed)
      signal.removeEventListener('abort', aborted)
    }
    const failed = (error: unknown): void => {
      over()
      reject(error)
      // An error that comes after the last listener has gone would end the process.
      socket.on('error', () => {})
      socket.destroy()
    }
    const closed = (): void => failed(new Error('the other side closed the connection'))
    const aborted = (): void => failed(signal.reason)
    const end = begin((value) => {
      over()
      resolve(value)
    }, failed)
    socket.on('error', failed)
    socket.on('close', closed)
    signal.addEventListener('abort', aborted)
    if (signal.aborted) aborted()
  })
}
