import { createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket, type TlsOptions } from 'node:tls'

/** The server's side of one connection: what came, and what to answer. */
export interface Peer {
  readonly socket: Socket
  /** Waits until so many bytes came, and takes them. */
  take(bytes: number): Promise<Buffer>
  /** Takes the 8 bytes of an SSLRequest. */
  sslRequest(): Promise<void>
  /** Takes the startup message and gives its parameters. */
  startup(): Promise<Record<string, string>>
  /** Takes one message and gives its body. */
  message(): Promise<{ readonly type: string; readonly body: Buffer }>
  send(...bytes: readonly Buffer[]): void
  /** Does the server's part of a TLS handshake; the peer inside it. */
  secure(options: TlsOptions): Promise<Peer>
  /** Resolves when the client has gone. */
  readonly gone: Promise<void>
}

/** A server that follows a script, one connection after the other. */
export interface ScriptedServer {
  readonly port: number
  /** Connections that came. */
  readonly connections: readonly Socket[]
  /** What scripts threw. */
  readonly failures: readonly unknown[]
  close(): Promise<void>
}

/** Starts a server on this machine; the script gets each connection and its number from 0. */
export async function scriptedServer(
  script: (peer: Peer, number: number) => Promise<void> | void,
): Promise<ScriptedServer> {
  const connections: Socket[] = []
  const failures: unknown[] = []
  const server = createServer((socket) => {
    const number = connections.push(socket) - 1
    Promise.resolve(script(peerOf(socket), number)).catch((error) => failures.push(error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections,
    failures,
    async close() {
      for (const socket of connections) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function peerOf(socket: Socket): Peer {
  socket.on('error', () => {})
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  let received: Buffer = Buffer.alloc(0)
  let wake = (): void => {}
  const onData = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk])
    wake()
  }
  socket.on('data', onData)
  const take = async (bytes: number): Promise<Buffer> => {
    while (received.length < bytes) {
      const more = new Promise<void>((resolve) => {
        wake = resolve
      })
      await Promise.race([more, gone.then(() => Promise.reject(new Error('the client has gone')))])
    }
    const taken = received.subarray(0, bytes)
    received = received.subarray(bytes)
    return taken
  }
  return {
    socket,
    take,
    gone,
    async sslRequest() {
      await take(8)
    },
    async startup() {
      const length = (await take(4)).readInt32BE(0)
      const texts = (await take(length - 4)).toString('utf8', 4).split('\0')
      const parameters: Record<string, string> = {}
      for (let i = 0; texts[i]; i += 2) parameters[texts[i] as string] = texts[i + 1] as string
      return parameters
    },
    async message() {
      const head = await take(5)
      const length = head.readInt32BE(1) - 4
      return {
        type: String.fromCharCode(head[0] as number),
        body: length === 0 ? Buffer.alloc(0) : await take(length),
      }
    },
    send: (...bytes) => void socket.write(Buffer.concat(bytes)),
    async secure(options) {
      socket.off('data', onData)
      const secured = new TLSSocket(socket, {
        ...options,
        isServer: true,
        secureContext: createSecureContext(options),
      })
      const peer = peerOf(secured)
      await Promise.race([new Promise((resolve) => secured.once('secure', resolve)), peer.gone])
      return peer
    },
  }
}

/** A message of the server. */
export function message(type: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)))
  const head = Buffer.alloc(5, type, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** An Authentication message. */
export function authentication(code: number, body: Buffer | string = ''): Buffer {
  const number = Buffer.alloc(4)
  number.writeInt32BE(code)
  return message('R', number, body)
}

/** What ends a startup well: in, a key to cancel with, ready. */
export const welcome = Buffer.concat([
  authentication(0),
  message('K', Buffer.from([0, 0, 0, 1, 1, 2, 3, 4])),
  message('Z', 'I'),
])

/** An ErrorResponse that ends the session. */
export function fatal(code: string, text: string): Buffer {
  return message('E', `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`)
}
