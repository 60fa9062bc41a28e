import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('../../test/pool-process.ts', import.meta.url))

/** Runs a scene against a server of this test's; answers its lines, its end, and its sockets. */
async function play(scene: string) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const child = spawn(process.execPath, ['--no-warnings', program, scene, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'exit').then(([code]) => code as number)
  return { line: async () => (await lines.next()).value as string, ended, sockets }
}

it('lets the process end while its connections are idle', async () => {
  const { line, ended } = await play('idle')
  expect(await line()).toBe('idle')
  expect(await ended).toBe(0)
})

it('keeps the process alive while a connection is lent', async () => {
  const { line, ended, sockets } = await play('leased')
  expect(await line()).toBe('leased')
  sockets[0]?.write('x')
  expect(await line()).toBe('still here')
  expect(await ended).toBe(0)
})

it('keeps the process alive while somebody waits, so that the wait has an end', async () => {
  const { line, ended } = await play('waiting')
  expect(await line()).toBe('POOL_QUEUE_TIMEOUT')
  expect(await ended).toBe(0)
})

it('keeps the process alive until an awaited close is done', async () => {
  const { line, ended } = await play('closing')
  expect(await line()).toBe('closed')
  expect(await ended).toBe(0)
})
