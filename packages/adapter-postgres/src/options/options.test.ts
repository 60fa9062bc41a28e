import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseOptions } from './options.ts'
import type { PostgresOptions } from './postgres-options.ts'

function misuse(act: () => unknown): Error {
  try {
    act()
  } catch (error) {
    expect(error).toMatchObject({ name: 'MisuseError' })
    return error as Error
  }
  throw new Error('nothing was refused')
}

describe('defaults', () => {
  it('reach this machine as the system user', () => {
    const options = parseOptions({}, { HOME: '/home/me' })
    expect(options).toMatchObject({
      host: '127.0.0.1',
      port: 5432,
      password: undefined,
      passFile: '/home/me/.pgpass',
      applicationName: 'mortise',
      channelBinding: 'prefer',
      requireAuth: undefined,
      tls: { mode: 'prefer', negotiation: 'postgres', directory: '/home/me/.postgresql' },
    })
    expect(options.database).toBe(options.user)
  })

  it.each([
    ['db.example.com', 'verify-full'],
    ['192.0.2.1', 'verify-full'],
    ['127.0.0.1.example.com', 'verify-full'],
    ['localhost', 'prefer'],
    ['127.1.2.3', 'prefer'],
    ['::1', 'prefer'],
    ['/run/postgresql', 'disable'],
  ])('encrypt towards %s as %s', (host, mode) => {
    expect(parseOptions({ host }, {}).tls.mode).toBe(mode)
  })

  it('go by the address that is connected to', () => {
    const options = parseOptions({ host: 'localhost', hostAddress: '192.0.2.1' }, {})
    expect(options.tls.mode).toBe('verify-full')
  })

  it('verify against the authorities of the system also on this machine', () => {
    const options = parseOptions('postgres://localhost?sslrootcert=system', {})
    expect(options.tls).toMatchObject({ mode: 'verify-full', rootCert: 'system' })
  })
})

describe('where options come from', () => {
  const environment = {
    PGHOST: 'env.example.com',
    PGPORT: '5433',
    PGUSER: 'env-user',
    PGPASSWORD: 'env-password',
    PGDATABASE: 'env-db',
    PGAPPNAME: 'env-app',
    PGSSLMODE: 'require',
    PGSSLROOTCERT: '/env/ca.pem',
    PGSSLNEGOTIATION: 'direct',
    PGOPTIONS: '-c geqo=off',
    PGPASSFILE: '/env/pgpass',
    PGCHANNELBINDING: 'require',
    PGREQUIREAUTH: 'scram-sha-256',
    PGCONNECT_TIMEOUT: '7',
    PGSSLCERT: '',
  }

  it('reads the environment', () => {
    expect(parseOptions({}, environment)).toMatchObject({
      host: 'env.example.com',
      port: 5433,
      user: 'env-user',
      password: 'env-password',
      database: 'env-db',
      applicationName: 'env-app',
      serverOptions: '-c geqo=off',
      passFile: '/env/pgpass',
      channelBinding: 'require',
      requireAuth: { text: 'scram-sha-256' },
      connectTimeoutMs: 7000,
      tls: { mode: 'require', negotiation: 'direct', rootCert: '/env/ca.pem', cert: undefined },
    })
  })

  it('puts a connection string before the environment, and options before both', () => {
    const password = () => 'fresh'
    const options = parseOptions(
      { connectionString: 'postgres://url-user@url.example.com/url-db', user: 'own', password },
      environment,
    )
    expect(options).toMatchObject({
      host: 'url.example.com',
      user: 'own',
      database: 'url-db',
      password,
      port: 5433,
    })
  })

  it('lets undefined stand for not given', () => {
    expect(parseOptions({ host: undefined, user: 'me' }, environment).host).toBe('env.example.com')
  })

  it('takes a name for the application only where there is no other', () => {
    const url = 'postgres://h?fallback_application_name=tool'
    expect(parseOptions(url, {}).applicationName).toBe('tool')
    expect(parseOptions(`${url}&application_name=mine`, {}).applicationName).toBe('mine')
  })
})

describe('refusals', () => {
  it.each([
    ['service', /"service".*not support/],
    ['sslcrl', /"sslcrl".*not support/],
    ['requirepeer', /"requirepeer".*not support/],
    ['target_session_attrs', /"target_session_attrs".*takes any/],
    ['gssencmode', /"gssencmode".*takes disable/],
    ['sslmoode', /"sslmoode".*neither/],
    ['constructor', /"constructor".*neither/],
    ['port', /"port"/],
    ['connect_timeout', /"connect_timeout"/],
    ['sslmode', /sslMode takes one of disable/],
    ['channel_binding', /channelBinding takes one of/],
    ['require_auth', /requireAuth takes none, password/],
    ['sslnegotiation', /sslNegotiation takes one of/],
    ['hostaddr', /hostAddress takes an IP/],
  ])('name the parameter %s and not its value', (parameter, message) => {
    const error = misuse(() => parseOptions(`postgres://u:p@h?${parameter}=hunter2`, {}))
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('hunter2')
  })

  it('hold for the environment too', () => {
    expect(misuse(() => parseOptions({}, { PGSERVICE: 'hunter2' })).message).toMatch(
      /environment.*"service"/,
    )
  })

  it('do not show what may be a piece of a password', () => {
    const error = misuse(() => parseOptions('password=hunter pa$$=2', {}))
    expect(error.message).not.toContain('pa$$')
  })

  it.each<[PostgresOptions, RegExp]>([
    [{ hots: 'h' } as PostgresOptions, /no option "hots"/],
    [{ port: 0 }, /port/],
    [{ port: '5432' as never }, /port/],
    [{ host: 'a\0b' }, /host/],
    [{ password: 5 as never }, /password/],
    [{ user: '' }, /user/],
    [{ connectTimeoutMs: -1 }, /connectTimeoutMs/],
    [{ sslNegotiation: 'direct', sslMode: 'prefer' }, /direct/],
    [{ sslMode: 'require', sslRootCert: 'system' }, /verify-full/],
    [{ sslMinVersion: 'TLSv1.3', sslMaxVersion: 'TLSv1.2' }, /above/],
    [{ requireAuth: 'md5,!none' }, /never both/],
    [{ requireAuth: 'md5,md5' }, /twice/],
  ])('come for %o', (options, message) => {
    expect(misuse(() => parseOptions(options, {})).message).toMatch(message)
  })
})

describe('requireAuth', () => {
  it('allows what it names', () => {
    const { requireAuth } = parseOptions({ requireAuth: 'scram-sha-256, md5' }, {})
    expect(requireAuth?.allows('md5')).toBe(true)
    expect(requireAuth?.allows('none')).toBe(false)
  })

  it('allows all but what it negates', () => {
    const { requireAuth } = parseOptions({ requireAuth: '!password,!none' }, {})
    expect(requireAuth?.allows('md5')).toBe(true)
    expect(requireAuth?.allows('password')).toBe(false)
  })
})

it('are all in the README', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const { message } = misuse(() => parseOptions({ nothing: 1 } as PostgresOptions, {}))
  const names = message.slice(message.indexOf('it takes ') + 9).split(', ')
  expect(names).toContain('host')
  for (const name of names) expect(readme).toContain(`| \`${name}\` |`)
})
