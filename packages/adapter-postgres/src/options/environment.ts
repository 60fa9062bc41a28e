import { homedir, userInfo } from 'node:os'
import type { Settings } from './connection-string.ts'

/** What the surroundings of the process say about connections. */
export interface Environment {
  /** What the `PG…` variables set, by libpq's parameter names. */
  readonly settings: Settings
  /** The name of the system's user, where it has one. */
  readonly systemUser: string | undefined
  /** The folder of the user's own `.pgpass`, or of `postgresql/pgpass.conf` on Windows. */
  readonly passFile: string
  /** The folder with the user's certificates, `~/.postgresql`. */
  readonly certificates: string
}

/** The variables of libpq (PostgreSQL documentation, "Environment Variables") and their parameters. */
const variables: { readonly [variable: string]: string } = {
  PGHOST: 'host',
  PGHOSTADDR: 'hostaddr',
  PGPORT: 'port',
  PGDATABASE: 'dbname',
  PGUSER: 'user',
  PGPASSWORD: 'password',
  PGPASSFILE: 'passfile',
  PGREQUIREAUTH: 'require_auth',
  PGCHANNELBINDING: 'channel_binding',
  PGSERVICE: 'service',
  PGOPTIONS: 'options',
  PGAPPNAME: 'application_name',
  PGSSLMODE: 'sslmode',
  PGSSLNEGOTIATION: 'sslnegotiation',
  PGSSLCOMPRESSION: 'sslcompression',
  PGSSLCERT: 'sslcert',
  PGSSLKEY: 'sslkey',
  PGSSLCERTMODE: 'sslcertmode',
  PGSSLROOTCERT: 'sslrootcert',
  PGSSLCRL: 'sslcrl',
  PGSSLCRLDIR: 'sslcrldir',
  PGSSLSNI: 'sslsni',
  PGREQUIREPEER: 'requirepeer',
  PGSSLMINPROTOCOLVERSION: 'ssl_min_protocol_version',
  PGSSLMAXPROTOCOLVERSION: 'ssl_max_protocol_version',
  PGGSSENCMODE: 'gssencmode',
  PGCONNECT_TIMEOUT: 'connect_timeout',
  PGCLIENTENCODING: 'client_encoding',
  PGTARGETSESSIONATTRS: 'target_session_attrs',
  PGLOADBALANCEHOSTS: 'load_balance_hosts',
  PGMINPROTOCOLVERSION: 'min_protocol_version',
  PGMAXPROTOCOLVERSION: 'max_protocol_version',
}

/** Reads the environment. A variable that is set to nothing counts as not set. */
export function readEnvironment(environment: NodeJS.ProcessEnv): Environment {
  const settings: Record<string, string> = Object.create(null)
  for (const [variable, parameter] of Object.entries(variables)) {
    const value = environment[variable]
    if (value !== undefined && value !== '') settings[parameter] = value
  }
  const home = environment.HOME || homedir()
  const windows = process.platform === 'win32'
  const roaming = `${environment.APPDATA ?? home}\\postgresql`
  return {
    settings,
    systemUser: systemUser(),
    passFile: windows ? `${roaming}\\pgpass.conf` : `${home}/.pgpass`,
    certificates: windows ? roaming : `${home}/.postgresql`,
  }
}

function systemUser(): string | undefined {
  try {
    return userInfo().username
  } catch {
    // An account without an entry, as in some containers.
    return undefined
  }
}
