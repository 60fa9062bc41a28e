import { execFileSync } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { classifyError } from '../errors.ts'
import { parseOptions } from '../options/options.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import { certificate } from '../testing/certificates.ts'
import {
  authentication,
  fatal,
  message,
  type Peer,
  type ScriptedServer,
  scriptedServer,
  welcome,
} from '../testing/scripted-server.ts'
import { openSession } from './open-session.ts'

const identity = { cert: certificate('server.crt'), key: certificate('server.key') }
const elsewhere = { cert: certificate('elsewhere.crt'), key: certificate('elsewhere.key') }
const ca = certificate('authority.crt')
const yes = Buffer.from('S')
const no = Buffer.from('N')

let home: string
const cleanups: (() => unknown)[] = []

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mortise-home-'))
  cleanups.push(() => rmSync(home, { recursive: true }))
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function serve(
  script: (peer: Peer, number: number) => Promise<void> | void,
): Promise<ScriptedServer> {
  const server = await scriptedServer(script)
  cleanups.push(() => server.close())
  return server
}

async function open(
  server: { readonly port: number },
  options: PostgresOptions = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<unknown> {
  const parsed = parseOptions(
    { host: 'localhost', hostAddress: '127.0.0.1', port: server.port, user: 'me', ...options },
    { HOME: home },
  )
  const connection = await openSession(parsed, {
    role: 'any',
    signal,
    onNotice: () => {},
    onClosed: () => {},
  })
  cleanups.push(() => connection.close())
  return connection
}

/** What connecting fails with, in the contract's words. */
async function failure(...given: Parameters<typeof open>) {
  const error = await open(...given).then(
    () => expect.fail('it connected'),
    (thrown: unknown) => thrown,
  )
  const description = classifyError(error)
  expect(description, String(error)).toBeDefined()
  return description
}

/** Lets everybody in, encrypted where the client asks. */
async function friendly(peer: Peer): Promise<void> {
  await peer.sslRequest()
  peer.send(yes)
  const inside = await peer.secure(identity)
  await inside.startup()
  inside.send(welcome)
}

describe('encryption', () => {
  it.each<[string, PostgresOptions]>([
    ['prefer', { sslMode: 'prefer' }],
    ['require', { sslMode: 'require' }],
    ['require with authorities', { sslMode: 'require', sslRootCert: ca }],
    ['verify-ca', { sslMode: 'verify-ca', sslRootCert: ca }],
    ['verify-full', { sslMode: 'verify-full', sslRootCert: ca }],
    ['verify-full of an address', { sslMode: 'verify-full', sslRootCert: ca, host: '127.0.0.1' }],
  ])('succeeds with %s', async (_name, options) => {
    const server = await serve(friendly)
    await expect(open(server, options)).resolves.toBeDefined()
    expect(server.failures).toEqual([])
  })

  it('goes on in the clear where prefer is refused, on the same connection', async () => {
    const server = await serve(async (peer) => {
      await peer.sslRequest()
      peer.send(no)
      expect(await peer.startup()).toMatchObject({ user: 'me', database: 'me' })
      peer.send(welcome)
    })
    await open(server, { sslMode: 'prefer' })
    expect(server.failures).toEqual([])
    expect(server.connections).toHaveLength(1)
  })

  it.each(['require', 'verify-full'] as const)('is an error where %s is refused', async (mode) => {
    const told: unknown[] = []
    const server = await serve(async (peer) => {
      await peer.sslRequest()
      peer.send(no)
      await peer.startup().then((startup) => told.push(startup))
    })
    expect(await failure(server, { sslMode: mode })).toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining('does not encrypt'),
    })
    expect(told).toEqual([])
    expect(server.connections).toHaveLength(1)
  })

  it.each<[string, PostgresOptions, typeof identity, RegExp]>([
    ['an authority that is not trusted', { sslRootCert: 'stranger' }, identity, /sslRootCert/],
    ['a certificate of a private authority', {}, identity, /sslRootCert/],
    ['a certificate for another host', { sslRootCert: ca }, elsewhere, /another host/],
  ])('refuses %s', async (_name, options, certificates, text) => {
    const server = await serve(async (peer) => {
      await peer.sslRequest()
      peer.send(yes)
      await peer.secure(certificates)
    })
    const sslRootCert =
      options.sslRootCert === 'stranger' ? certificate('stranger.crt') : options.sslRootCert
    expect(await failure(server, { sslMode: 'verify-full', sslRootCert })).toMatchObject({
      kind: 'authentication',
      message: expect.stringMatching(text),
    })
    expect(server.connections).toHaveLength(1)
  })

  it('takes a certificate for another host with verify-ca', async () => {
    const server = await serve(async (peer) => {
      await peer.sslRequest()
      peer.send(yes)
      const inside = await peer.secure(elsewhere)
      await inside.startup()
      inside.send(welcome)
    })
    await open(server, { sslMode: 'verify-ca', sslRootCert: ca })
  })

  it('verifies with require where authorities are given', async () => {
    const server = await serve(friendly)
    const options = { sslMode: 'require', sslRootCert: certificate('stranger.crt') } as const
    expect(await failure(server, options)).toMatchObject({ kind: 'authentication' })
  })

  it('needs authorities for verify-ca', async () => {
    const server = await serve(friendly)
    expect(await failure(server, { sslMode: 'verify-ca' })).toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining('sslRootCert'),
    })
    expect(server.connections).toHaveLength(0)
  })

  it.each(['prefer', 'require'] as const)(
    'refuses data before the handshake with %s',
    async (sslMode) => {
      const server = await serve(async (peer) => {
        await peer.sslRequest()
        peer.send(yes, welcome)
      })
      expect(await failure(server, { sslMode })).toMatchObject({
        kind: 'authentication',
        message: expect.stringContaining('before the encryption began'),
      })
      expect(server.connections).toHaveLength(1)
    },
  )

  it('never reads data in the clear that comes behind the answer', async () => {
    const server = await serve(async (peer) => {
      await peer.sslRequest()
      peer.send(yes)
      await peer.take(1)
      peer.send(welcome)
    })
    expect(await failure(server, { sslMode: 'require' })).toMatchObject({ kind: 'authentication' })
  })

  it('does not show the error of a server that nobody vouches for', async () => {
    const server = await serve(async (peer) => {
      await peer.sslRequest()
      peer.send(fatal('53300', 'send your money to'))
    })
    const description = await failure(server, { sslMode: 'prefer' })
    expect(description).toMatchObject({ kind: 'connection_refused' })
    expect(description?.message).not.toContain('money')
  })

  it('names the file that is missing', async () => {
    const server = await serve(friendly)
    const options = { sslMode: 'verify-full', sslRootCert: join(home, 'none.pem') } as const
    expect(await failure(server, options)).toMatchObject({
      kind: 'authentication',
      code: 'ENOENT',
      message: expect.stringContaining('sslRootCert'),
    })
  })

  it.skipIf(process.platform === 'win32')('refuses a key that others can read', async () => {
    const server = await serve(friendly)
    const sslKey = join(home, 'client.key')
    writeFileSync(sslKey, certificate('client.key'))
    chmodSync(sslKey, 0o644)
    const options = { sslMode: 'require', sslCert: certificate('client.crt'), sslKey } as const
    expect(await failure(server, options)).toMatchObject({
      message: expect.stringContaining('chmod 600'),
    })
    chmodSync(sslKey, 0o600)
    await open(server, options)
  })

  it('says what to do where a certificate is none', async () => {
    const server = await serve(friendly)
    const sslCert = '-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----'
    const sslKey = certificate('client.key')
    expect(await failure(server, { sslMode: 'require', sslCert, sslKey })).toMatchObject({
      kind: 'authentication',
      message: expect.stringMatching(/^(?!.*hunter2).*sslCert/),
    })
  })
})

describe('direct encryption', () => {
  const direct = { sslMode: 'verify-full', sslRootCert: ca, sslNegotiation: 'direct' } as const

  it('begins at once and agrees on the protocol', async () => {
    const server = await serve(async (peer) => {
      const inside = await peer.secure({ ...identity, ALPNProtocols: ['postgresql'] })
      await inside.startup()
      inside.send(welcome)
    })
    await open(server, direct)
    expect(server.failures).toEqual([])
  })

  it('refuses a server that does not agree on the protocol', async () => {
    const server = await serve(async (peer) => {
      await peer.secure(identity)
    })
    expect(await failure(server, direct)).toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining('direct'),
    })
  })
})

describe('the second way', () => {
  it('is unencrypted after prefer where the handshake fails', async () => {
    const server = await serve(async (peer, number) => {
      if (number === 0) {
        await peer.sslRequest()
        peer.send(yes)
        await peer.take(1)
        peer.socket.destroy()
      } else {
        await peer.startup()
        peer.send(welcome)
      }
    })
    await open(server, { sslMode: 'prefer' })
    expect(server.connections).toHaveLength(2)
  })

  it('is encrypted after allow where the rules of the server want it', async () => {
    const server = await serve(async (peer, number) => {
      if (number === 1) return await friendly(peer)
      await peer.startup()
      peer.send(fatal('28000', 'no pg_hba.conf entry, no encryption'))
    })
    await open(server, { sslMode: 'allow' })
    expect(server.connections).toHaveLength(2)
  })

  it.each(['allow', 'prefer'] as const)(
    'is not taken after %s where the password was wrong',
    async (sslMode) => {
      const server = await serve(async (peer) => {
        if (sslMode === 'prefer') await peer.sslRequest()
        if (sslMode === 'prefer') peer.send(yes)
        const inside = sslMode === 'prefer' ? await peer.secure(identity) : peer
        await inside.startup()
        inside.send(authentication(3))
        await inside.message()
        inside.send(fatal('28P01', 'password authentication failed'))
      })
      expect(await failure(server, { sslMode, password: 'wrong' })).toMatchObject({
        kind: 'authentication',
        code: '28P01',
      })
      expect(server.connections).toHaveLength(1)
    },
  )

  it('does not exist for require', async () => {
    const server = await serve(async (peer) => {
      await peer.sslRequest()
      peer.send(yes)
      await peer.take(1)
      peer.socket.destroy()
    })
    await failure(server, { sslMode: 'require' })
    expect(server.connections).toHaveLength(1)
  })
})

describe('a server that is none', () => {
  const http = Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')

  it.each(['disable', 'prefer', 'require'] as const)('is told apart with %s', async (sslMode) => {
    const server = await serve(async (peer) => {
      await peer.take(4)
      peer.send(http)
    })
    expect(await failure(server, { sslMode })).toMatchObject({
      kind: 'connection_refused',
      message: expect.stringContaining('does not speak'),
    })
  })

  it.each(['disable', 'prefer'] as const)('may close at once with %s', async (sslMode) => {
    const server = await serve((peer) => void peer.socket.destroy())
    expect(await failure(server, { sslMode })).toMatchObject({ kind: 'connection_refused' })
  })

  it('may not be there', async () => {
    const server = await scriptedServer(() => {})
    await server.close()
    expect(await failure(server)).toMatchObject({
      kind: 'connection_refused',
      code: 'ECONNREFUSED',
    })
  })

  it('may be a socket that is not there', async () => {
    const options = { host: home, hostAddress: undefined }
    expect(await failure({ port: 5432 }, options)).toMatchObject({
      kind: 'connection_refused',
      code: 'ENOENT',
    })
  })
})

describe('a hostile server', () => {
  const plus = 'SCRAM-SHA-256\0\0'

  it.each<[string, (peer: Peer) => Promise<void> | void]>([
    ['begins the session without letting us in', (peer) => peer.send(message('Z', 'I'))],
    [
      'lets us in without proving itself',
      async (peer) => {
        peer.send(authentication(10, plus))
        await peer.message()
        peer.send(welcome)
      },
    ],
    [
      'continues SCRAM for ever',
      async (peer) => {
        peer.send(authentication(10, plus))
        const first = (await peer.message()).body.toString()
        const nonce = /r=(.*)$/.exec(first)?.[1]
        const challenge = authentication(11, `r=${nonce}x,s=QUJD,i=1`)
        peer.send(challenge)
        await peer.message()
        peer.send(challenge, challenge)
      },
    ],
    [
      'asks for endless hashing',
      async (peer) => {
        peer.send(authentication(10, plus))
        const nonce = /r=(.*)$/.exec((await peer.message()).body.toString())?.[1]
        peer.send(authentication(11, `r=${nonce}x,s=QUJD,i=2147483647`))
      },
    ],
  ])('%s', async (_name, rest) => {
    const server = await serve(async (peer) => {
      await peer.startup()
      await rest(peer)
    })
    expect(await failure(server, { sslMode: 'disable', password: 'secret' })).toMatchObject({
      kind: 'authentication',
    })
    await server.connections[0]?.destroy()
  })

  it.each([
    ['more requests than anybody answers', Buffer.concat(Array(20).fill(authentication(3)))],
    ['a request that is cut short', message('R', 'ab')],
    ['a key that is cut short', message('K', 'ab')],
    ['a length that nobody needs before the session', Buffer.from([0x52, 0, 2, 0, 0])],
    ['an answer to nothing', message('T', '\0\0')],
  ])('sends %s', async (_name, bytes) => {
    const server = await serve(async (peer) => {
      await peer.startup()
      peer.send(bytes)
    })
    const password = () => new Promise<string>(() => {})
    expect(await failure(server, { sslMode: 'disable', password })).toMatchObject({
      kind: 'connection_refused',
    })
  })
})

it.each([
  ['28P01', 'authentication'],
  ['3D000', 'undefined_object'],
  ['53300', 'connection_refused'],
  ['57P03', 'connection_refused'],
])('tells FATAL %s as %s', async (code, kind) => {
  const server = await serve(async (peer) => {
    await peer.startup()
    peer.send(fatal(code, 'no'))
    peer.socket.end()
  })
  expect(await failure(server, { sslMode: 'disable' })).toMatchObject({ kind, code })
})

describe('the limit of a connect', () => {
  /** Where a server may stop, and what tells that the client is there. */
  const stalls: readonly [string, PostgresOptions, (peer: Peer) => Promise<unknown>][] = [
    ['the answer about encryption', { sslMode: 'require' }, (peer) => peer.sslRequest()],
    [
      'the handshake',
      { sslMode: 'require' },
      async (peer) => {
        await peer.sslRequest()
        peer.send(yes)
        await peer.take(1)
      },
    ],
    ['the startup', { sslMode: 'disable' }, (peer) => peer.startup()],
    [
      'the password',
      { sslMode: 'disable', password: 'secret' },
      async (peer) => {
        await peer.startup()
        peer.send(authentication(3))
        await peer.message()
      },
    ],
  ]

  it.each(stalls)('holds during %s', async (_name, options, script) => {
    const controller = new AbortController()
    const reason = new Error('given up')
    const gone = Promise.withResolvers<void>()
    const server = await serve(async (peer) => {
      await script(peer)
      controller.abort(reason)
      await peer.gone
      gone.resolve()
    })
    await expect(open(server, options, controller.signal)).rejects.toBe(reason)
    await gone.promise
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it.skipIf(process.platform === 'win32')('holds while a certificate is read', async () => {
    const sslRootCert = join(home, 'pipe')
    execFileSync('sh', ['-c', 'mkfifo "$0"', sslRootCert])
    const controller = new AbortController()
    const reason = new Error('given up')
    const server = await serve(friendly)
    const attempt = open(server, { sslMode: 'verify-full', sslRootCert }, controller.signal)
    controller.abort(reason)
    await expect(attempt).rejects.toBe(reason)
    expect(server.connections).toEqual([])
    writeFileSync(sslRootCert, '')
  })

  it('holds while the password is fetched', async () => {
    const controller = new AbortController()
    const reason = new Error('given up')
    const server = await serve(async (peer) => {
      await peer.startup()
      peer.send(authentication(3))
    })
    const password = () => {
      controller.abort(reason)
      return new Promise<string>(() => {})
    }
    const attempt = open(server, { sslMode: 'disable', password }, controller.signal)
    await expect(attempt).rejects.toBe(reason)
  })

  it('opens nothing where it has passed before', async () => {
    const server = await serve(friendly)
    const reason = new Error('given up')
    await expect(open(server, {}, AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(server.connections).toEqual([])
  })

  it("is the adapter's own too", async () => {
    const server = await serve(async (peer) => void (await peer.startup()))
    expect(await failure(server, { sslMode: 'disable', connectTimeoutMs: 20 })).toMatchObject({
      kind: 'connection_refused',
      message: expect.stringContaining('connectTimeoutMs'),
    })
  })
})

describe('the password', () => {
  async function asking(): Promise<{ server: ScriptedServer; passwords: string[] }> {
    const passwords: string[] = []
    const server = await serve(async (peer) => {
      await peer.startup()
      peer.send(authentication(3))
      const { body } = await peer.message()
      passwords.push(body.toString('utf8', 0, body.length - 1))
      peer.send(welcome)
    })
    return { server, passwords }
  }

  it('is fetched at each connect', async () => {
    const { server, passwords } = await asking()
    let count = 0
    const password = async () => `token ${++count}`
    await open(server, { sslMode: 'disable', password })
    await open(server, { sslMode: 'disable', password })
    expect(passwords).toEqual(['token 1', 'token 2'])
  })

  it('comes from the password file as it is then', async () => {
    const { server, passwords } = await asking()
    const passFile = join(home, '.pgpass')
    for (const password of ['old', 'new']) {
      writeFileSync(passFile, `localhost:${server.port}:*:me:${password}\n`, { mode: 0o600 })
      await open(server, { sslMode: 'disable' })
    }
    expect(passwords).toEqual(['old', 'new'])
  })

  it.skipIf(process.platform === 'win32')('does not come from a file of everybody', async () => {
    const { server } = await asking()
    const passFile = join(home, 'pass')
    writeFileSync(passFile, '*:*:*:*:secret\n')
    chmodSync(passFile, 0o644)
    expect(await failure(server, { sslMode: 'disable', passFile })).toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining('chmod 600'),
    })
  })

  it('is missed by name', async () => {
    const { server } = await asking()
    expect(await failure(server, { sslMode: 'disable' })).toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining('PGPASSWORD'),
    })
  })
})

it('says to the server what the options say', async () => {
  const told: Record<string, string>[] = []
  const server = await serve(async (peer) => {
    told.push(await peer.startup())
    peer.send(welcome)
  })
  await open(server, {
    sslMode: 'disable',
    database: 'shop',
    applicationName: 'till',
    serverOptions: '-c geqo=off',
  })
  expect(told).toMatchObject([
    { user: 'me', database: 'shop', application_name: 'till', options: '-c geqo=off' },
  ])
})
