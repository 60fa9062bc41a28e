import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import type { ParsedTls } from '../options/tls.ts'
import { ConnectError, codeOf } from './connect-error.ts'

/** The certificates of one connect. They are read each time, so a renewed one is taken up. */
export interface TlsMaterial {
  /** Trusted authorities; undefined: whoever answers is not asked who it is. */
  readonly ca: string | string[] | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** Reads what the mode needs. @throws ConnectError that names the option of a file that is missing */
export async function readTlsFiles(tls: ParsedTls): Promise<TlsMaterial> {
  const usual = (name: string): string => join(tls.directory, name)
  const [ca, cert, key] = await Promise.all([
    authorities(tls, usual('root.crt')),
    tls.cert === undefined
      ? optionalFile(usual('postgresql.crt'))
      : namedFile('sslCert', 'sslcert', tls.cert),
    tls.key === undefined
      ? optionalFile(usual('postgresql.key'))
      : namedFile('sslKey', 'sslkey', tls.key),
  ])
  if (cert === undefined) return { ca, cert: undefined, key: undefined }
  if (key === undefined) {
    throw new ConnectError(
      'authentication',
      'there is a client certificate (sslCert) without its key; give sslKey',
    )
  }
  await checkKeyFile(tls.key ?? usual('postgresql.key'))
  return { ca, cert, key }
}

async function authorities(tls: ParsedTls, usual: string): Promise<string | string[] | undefined> {
  const verifies = tls.mode === 'verify-ca' || tls.mode === 'verify-full'
  // As libpq: require with authorities at hand verifies them.
  if (!verifies && tls.mode !== 'require') return undefined
  if (tls.rootCert !== undefined && tls.rootCert !== 'system') {
    return await namedFile('sslRootCert', 'sslrootcert', tls.rootCert)
  }
  const own = tls.rootCert === 'system' ? undefined : await optionalFile(usual)
  if (own !== undefined || !verifies) return own
  if (tls.mode === 'verify-ca') {
    throw new ConnectError(
      'authentication',
      'sslMode "verify-ca" needs the provider\'s authority: give its certificate with sslRootCert (sslrootcert in a connection string, PGSSLROOTCERT)',
    )
  }
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
}

const isPem = (text: string): boolean => text.startsWith('-----BEGIN ')

async function namedFile(option: string, parameter: string, given: string): Promise<string> {
  if (isPem(given)) return given
  try {
    return await readFile(given, 'utf8')
  } catch (cause) {
    throw new ConnectError(
      'authentication',
      `the file of ${option} (${parameter}) cannot be read [${codeOf(cause)}]`,
      cause,
    )
  }
}

async function optionalFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}

/** A key that others can read is a key no more: libpq's rule, 0600, or 0640 where root owns it. */
async function checkKeyFile(path: string): Promise<void> {
  if (isPem(path) || process.platform === 'win32') return
  const { mode, uid } = await stat(path)
  if ((mode & (uid === 0 ? 0o037 : 0o077)) === 0) return
  throw new ConnectError(
    'authentication',
    'the file of sslKey (sslkey) can be read by others, so it is not used; take that right away with chmod 600',
  )
}
