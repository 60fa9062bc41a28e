import { isIP } from 'node:net'
import { MisuseError } from '@mortise/core/adapter'
import { oneOf, optional, text } from './values.ts'

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
const tlsVersions = ['TLSv1.2', 'TLSv1.3'] as const

/** How much encryption protects: libpq's `sslmode`. */
export type SslMode = (typeof sslModes)[number]

/** How the connection is encrypted, and how either side proves who it is. */
export interface TlsOptions {
  /**
   * Default `PGSSLMODE`, else by the host: `verify-full`, and `prefer` for this machine (`localhost`,
   * 127.0.0.0/8, ::1). A Unix socket is never encrypted.
   */
  readonly sslMode?: SslMode | undefined
  /** `direct` begins with TLS at once (PostgreSQL 17 on). Default `PGSSLNEGOTIATION`, else `postgres`. */
  readonly sslNegotiation?: 'postgres' | 'direct' | undefined
  /**
   * The certificates to trust: a file, the PEM text itself, or `system` for those of the system and
   * of Node. Default `PGSSLROOTCERT`, else `~/.postgresql/root.crt` where there is one, else `system`.
   */
  readonly sslRootCert?: string | undefined
  /** This client's certificate, a file or PEM. Default `PGSSLCERT`, else `~/.postgresql/postgresql.crt`. */
  readonly sslCert?: string | undefined
  /** Its key, a file or PEM. Default `PGSSLKEY`, else `~/.postgresql/postgresql.key`. */
  readonly sslKey?: string | undefined
  /** What the key is encrypted with. Default: it is not. */
  readonly sslPassword?: string | undefined
  /** Default `TLSv1.2`. */
  readonly sslMinVersion?: (typeof tlsVersions)[number] | undefined
  /** Default: the newest. */
  readonly sslMaxVersion?: (typeof tlsVersions)[number] | undefined
}

/** What encryption takes. */
export interface ParsedTls {
  readonly mode: SslMode
  readonly negotiation: 'postgres' | 'direct'
  readonly rootCert: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly keyPassword: string | undefined
  readonly minVersion: (typeof tlsVersions)[number]
  readonly maxVersion: (typeof tlsVersions)[number] | undefined
  /** The folder with the files that are taken where none are named. */
  readonly directory: string
}

/**
 * Decides about encryption.
 *
 * @param target what is connected to: a name, an address, or the directory of a Unix socket
 * @param directory the folder with the files that are taken where none are named
 * @throws MisuseError for what is malformed, or would promise more than it keeps
 */
export function parseTls(given: TlsOptions, target: string, directory: string): ParsedTls {
  const socket = isSocketDirectory(target)
  const system = given.sslRootCert === 'system'
  const usual = socket ? 'disable' : isLoopback(target) && !system ? 'prefer' : 'verify-full'
  const mode = oneOf('sslMode', given.sslMode ?? usual, sslModes)
  const negotiation = oneOf('sslNegotiation', given.sslNegotiation ?? 'postgres', [
    'postgres',
    'direct',
  ])
  const encrypts = mode !== 'disable' && mode !== 'allow' && mode !== 'prefer'
  if (negotiation === 'direct' && !encrypts && !socket) {
    throw new MisuseError(
      'OPTION_INVALID',
      `sslNegotiation "direct" has no way back to an unencrypted connection; take sslMode require, verify-ca or verify-full instead of ${mode}`,
    )
  }
  if (system && mode !== 'verify-full' && mode !== 'disable') {
    throw new MisuseError(
      'OPTION_INVALID',
      `sslMode "${mode}" with sslRootCert "system" would trust whoever has a certificate of any public authority; take verify-full`,
    )
  }
  const minVersion = oneOf('sslMinVersion', given.sslMinVersion ?? 'TLSv1.2', tlsVersions)
  const maxVersion =
    given.sslMaxVersion === undefined
      ? undefined
      : oneOf('sslMaxVersion', given.sslMaxVersion, tlsVersions)
  if (maxVersion !== undefined && minVersion > maxVersion) {
    throw new MisuseError('OPTION_INVALID', 'sslMinVersion is above sslMaxVersion')
  }
  return {
    // As libpq: a Unix socket does not leave the machine and is never encrypted.
    mode: socket ? 'disable' : mode,
    negotiation,
    rootCert: optional(text, 'sslRootCert', given.sslRootCert),
    cert: optional(text, 'sslCert', given.sslCert),
    key: optional(text, 'sslKey', given.sslKey),
    keyPassword: optional(text, 'sslPassword', given.sslPassword),
    minVersion,
    maxVersion,
    directory,
  }
}

/** Whether a host is the directory of a Unix socket (`@`: in Linux's abstract namespace). */
export function isSocketDirectory(host: string): boolean {
  return host.startsWith('/') || host.startsWith('@')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
