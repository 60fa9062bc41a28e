/**
 * A program with a pool, to be run as a process of its own: `node pool-process.ts <scene> <port>`.
 * It says what it does on its output, and ends when nothing keeps it alive.
 */
import { connect, type Socket } from 'node:net'
import type { Adapter } from '../src/contract/index.ts'
import { type Lease, Pool, parsePoolOptions } from '../src/pool/index.ts'
import { scriptedDialect } from './scripted-dialect.ts'
import { scriptedCapabilities, scriptedTypes } from './scripted-manifest.ts'

const [scene, port] = process.argv.slice(2)
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const base = {
  name: 'process',
  capabilities: scriptedCapabilities,
  dialect: scriptedDialect,
  types: scriptedTypes,
  topology: 'pool',
  classifyError: () => undefined,
} as const

/** Connections over real sockets. */
const sockets: Adapter = {
  ...base,
  connect: () =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.once('error', reject)
      socket.once('connect', () => resolve(socketConnection(socket)))
    }),
}

/** Connections that keep nothing alive, as those of an embedded database. */
const embedded: Adapter = {
  ...base,
  connect: () => ({ execute: () => ({ columns: [], rows: [], affected: null }), close: () => {} }),
}

function socketConnection(socket: Socket) {
  return {
    socket,
    execute: () => ({ columns: [], rows: [], affected: null }),
    close: () => new Promise<void>((resolve) => socket.end(() => resolve())),
    ref: () => void socket.ref(),
    unref: () => void socket.unref(),
  }
}

function open(adapter: Adapter): Pool<undefined> {
  return new Pool({
    adapter,
    role: 'any',
    options: parsePoolOptions({ size: 1, maxQueueWaitMs: 50 }),
    openSession: () => undefined,
  })
}

function socketOf(lease: Lease<undefined>): Socket {
  return (lease.connection as ReturnType<typeof socketConnection>).socket
}

const scenes: { readonly [name: string]: () => Promise<void> } = {
  async idle() {
    const pool = open(sockets)
    ;(await pool.checkout()).checkin('clean')
    say('idle')
  },
  async leased() {
    const pool = open(sockets)
    const lease = await pool.checkout()
    say('leased')
    socketOf(lease).once('data', () => {
      say('still here')
      lease.checkin('clean')
    })
  },
  async waiting() {
    const pool = open(embedded)
    await pool.checkout()
    try {
      await pool.checkout()
    } catch (error) {
      say((error as { code: string }).code)
    }
  },
  async closing() {
    const pool = open(sockets)
    ;(await pool.checkout()).checkin('clean')
    await pool.close()
    say('closed')
  },
}

await scenes[scene as string]?.()
