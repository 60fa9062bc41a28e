import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PostgresOptions, postgres } from '@mortise/adapter-postgres'
import { createRepo } from '@mortise/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificate, certificatePath } from './certificates.ts'
import { type PostgresServer, startServer } from './server.ts'

const password = "pa ss:wörd'%"
const ca = certificatePath('authority.crt')
let server: PostgresServer

beforeAll(async () => {
  server = await startServer('18', {
    hba: [
      'local   all by_scram scram-sha-256',
      'host    all by_scram 127.0.0.1/32 scram-sha-256',
      'host    all odd 127.0.0.1/32 scram-sha-256',
      'host    all by_md5 127.0.0.1/32 md5',
      'host    all in_clear 127.0.0.1/32 password',
      'hostssl all certified 127.0.0.1/32 cert',
      'hostssl all only_tls 127.0.0.1/32 trust',
      'hostnossl all never_tls 127.0.0.1/32 trust',
    ],
    tls: { cert: certificatePath('server.crt'), key: certificatePath('server.key'), ca },
  })
  await using repo = createRepo({ adapter: adapter({ user: 'mortise', password: undefined }) })
  const quoted = `'${password.replaceAll("'", "''")}'`
  await repo.query("set password_encryption = 'scram-sha-256'")
  for (const user of ['by_scram', 'in_clear', 'certified', 'only_tls', 'never_tls', 'odd']) {
    await repo.query(`create role ${user} login password ${quoted}`)
  }
  await repo.checkout(async (session) => {
    await session.query("set password_encryption = 'md5'")
    await session.query(`create role by_md5 login password ${quoted}`)
  })
})

afterAll(() => server?.stop())

function adapter(options: PostgresOptions) {
  const { port, database } = server
  return postgres({
    host: 'localhost',
    hostAddress: '127.0.0.1',
    port,
    database,
    password,
    sslMode: 'disable',
    ...options,
  })
}

/** How the server sees a session with these options. */
async function session(options: PostgresOptions | string) {
  await using repo = createRepo({
    adapter: typeof options === 'string' ? postgres(options) : adapter(options),
    pool: { size: 1 },
  })
  const { rows } = await repo.query<{
    user: string
    method: string | null
    encrypted: boolean
    local: boolean
  }>(
    `select current_user::text as user, system_user as method, s.ssl as encrypted,
            a.client_addr is null as local
     from pg_stat_ssl s join pg_stat_activity a using (pid) where pid = pg_backend_pid()`,
  )
  return rows[0]
}

describe('a password', () => {
  it.each([
    ['by_scram', 'scram-sha-256'],
    ['by_md5', 'md5'],
    ['in_clear', 'password'],
  ])('lets %s in', async (user, method) => {
    expect(await session({ user, requireAuth: method })).toMatchObject({
      user,
      method: `${method}:${user}`,
      encrypted: false,
    })
  })

  it.each(['by_scram', 'by_md5', 'in_clear'])('that is wrong keeps %s out', async (user) => {
    await expect(session({ user, password: 'wrong' })).rejects.toMatchObject({
      kind: 'authentication',
      nativeCode: '28P01',
    })
  })

  it.each([
    ['by_scram', '!scram-sha-256'],
    ['by_md5', 'scram-sha-256'],
    ['in_clear', '!password'],
    ['mortise', '!none'],
  ])('is not sent for %s where requireAuth is %s', async (user, requireAuth) => {
    await expect(session({ user, requireAuth })).rejects.toMatchObject({ kind: 'authentication' })
  })

  it.each([
    'I\u00adX',
    '\u2168 \ufb01',
    'a\u00a0b\u200bc\u3000',
    '\u{1f600}e\u0301',
    '\u0627\u0628',
    '\ufb01\u0627',
    '\u0627\u00b2',
    '\ufb01\ue000',
    '\ufb01\u0007',
  ])('is prepared as the server prepares it, %j', async (odd) => {
    {
      await using repo = createRepo({ adapter: adapter({ user: 'mortise' }) })
      await repo.query(`alter role odd password '${odd}'`)
    }
    expect(await session({ user: 'odd', password: odd })).toMatchObject({ user: 'odd' })
  })

  it('is fetched by a function and found in a file', async () => {
    const user = 'by_scram'
    expect(await session({ user, password: async () => password })).toMatchObject({ user })
    const directory = mkdtempSync(join(tmpdir(), 'mortise-pass-'))
    try {
      const passFile = join(directory, 'pgpass')
      const line = `localhost:${server.port}:*:by_scram:${password.replace(':', '\\:')}\n`
      writeFileSync(passFile, line, { mode: 0o600 })
      expect(await session({ user, password: undefined, passFile })).toMatchObject({ user })
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it('stands percent-encoded in a connection string', async () => {
    const encoded = encodeURIComponent(password)
    expect(
      await session(`postgres://by_scram:${encoded}@127.0.0.1:${server.port}/postgres`),
    ).toMatchObject({ user: 'by_scram', method: 'scram-sha-256:by_scram' })
  })
})

describe.skipIf(process.platform === 'win32')('a Unix socket', () => {
  it('is named by its folder', async () => {
    const { socketDirectory: host, port } = server
    const folder = encodeURIComponent(host as string)
    const there = { encrypted: false, local: true }
    expect(
      await session({ host, hostAddress: undefined, sslMode: undefined, user: 'by_scram' }),
    ).toMatchObject({ ...there, method: 'scram-sha-256:by_scram' })
    expect(await session(`postgres://mortise@${folder}:${port}/postgres`)).toMatchObject(there)
    expect(
      await session(`postgres:///postgres?host=${folder}&port=${port}&user=mortise`),
    ).toMatchObject(there)
  })
})

describe('TLS', () => {
  const full = { sslMode: 'verify-full', sslRootCert: ca } as const

  it('is verified in full', async () => {
    expect(await session({ user: 'mortise', ...full })).toMatchObject({ encrypted: true })
    expect(
      await session({ user: 'mortise', ...full, host: '127.0.0.1', sslMinVersion: 'TLSv1.3' }),
    ).toMatchObject({ encrypted: true })
  })

  it('is the usual on this machine where the server has it', async () => {
    const usual = { user: 'mortise', sslMode: undefined }
    expect(await session(usual)).toMatchObject({ encrypted: true })
  })

  it('refuses a server of another name', async () => {
    const options = { user: 'by_scram', ...full, host: 'db.example.com' }
    await expect(session(options)).rejects.toMatchObject({
      kind: 'authentication',
      nativeCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
    expect(await session({ ...options, sslMode: 'verify-ca' })).toMatchObject({ encrypted: true })
  })

  it('refuses a server of an authority that is not trusted, and says what to do', async () => {
    for (const sslRootCert of [certificatePath('stranger.crt'), 'system']) {
      await expect(session({ user: 'by_scram', ...full, sslRootCert })).rejects.toMatchObject({
        kind: 'authentication',
        message: expect.stringContaining('sslRootCert'),
      })
    }
  })

  it('begins at once where negotiation is direct', async () => {
    expect(await session({ user: 'mortise', ...full, sslNegotiation: 'direct' })).toMatchObject({
      encrypted: true,
    })
  })

  it('binds SCRAM to the connection', async () => {
    const user = 'by_scram'
    const options = { user, ...full, channelBinding: 'require' } as const
    expect(await session(options)).toMatchObject({ encrypted: true })
    await expect(session({ user, channelBinding: 'require' })).rejects.toMatchObject({
      kind: 'authentication',
    })
    for (const other of ['by_md5', 'in_clear', 'mortise']) {
      await expect(session({ ...options, user: other })).rejects.toMatchObject({
        kind: 'authentication',
        message: expect.stringContaining('channelBinding'),
      })
    }
    expect(await session({ ...options, channelBinding: 'disable' })).toMatchObject({ user })
  })

  it('lets a client certificate in, and only with it', async () => {
    const user = 'certified'
    const sslCert = certificatePath('client.crt')
    const sslKey = certificate('client.key')
    expect(await session({ user, ...full, sslCert, sslKey })).toMatchObject({
      method: 'cert:CN=certified',
      encrypted: true,
    })
    await expect(session({ user, ...full })).rejects.toMatchObject({ kind: 'authentication' })
  })

  it.each([
    ['allow', 'only_tls', true],
    ['allow', 'never_tls', false],
    ['prefer', 'only_tls', true],
    ['prefer', 'never_tls', false],
  ] as const)('with %s suits the rules for %s', async (sslMode, user, encrypted) => {
    expect(await session({ user, sslMode })).toMatchObject({ user, encrypted })
  })

  it.each([
    ['require', 'never_tls'],
    ['disable', 'only_tls'],
  ] as const)('with %s does not give way to the rules for %s', async (sslMode, user) => {
    await expect(session({ user, sslMode })).rejects.toMatchObject({ nativeCode: '28000' })
  })
})

it('bounds messages as the options say once there is a session', async () => {
  const text = (bytes: number) => `select repeat('x', ${bytes}) as text`
  await using repo = createRepo({ adapter: adapter({ user: 'mortise', maxMessageBytes: 200_000 }) })
  const { rows } = await repo.query<{ text: string }>(text(100_000))
  expect(rows[0]?.text).toHaveLength(100_000)
  await expect(repo.query(text(300_000))).rejects.toMatchObject({ kind: 'connection_lost' })
})
