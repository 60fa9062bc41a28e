import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from './run.ts'

/**
 * Packs every package that will be published and judges the tarball itself: what is in it, publint
 * and Are The Types Wrong. Needs a build.
 */
const PACKED = join('.reports', 'packed')
const REQUIRED = ['LICENSE', 'package.json']
const UNWANTED = /\.test(-d)?\.|^src\/testing\/|tsconfig|tsup\.config|\.tsbuildinfo$/

interface Tarball {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

/** What is wrong with the package in `folder` as it would be published; empty when nothing is. */
function problemsOf(folder: string): string[] {
  const packing = ['pack', `./${folder}`, '--json', '--pack-destination', PACKED]
  const { ok, stdout, stderr } = run('npm', packing, { quiet: true })
  if (!ok) return [stderr]
  const [tarball] = Object.values(JSON.parse(stdout) as Record<string, Tarball>)
  if (tarball === undefined) return [`npm packed nothing: ${stdout}`]

  const paths = tarball.files.map(({ path }) => path)
  const missing = REQUIRED.filter((path) => !paths.includes(path)).map((path) => `no ${path}`)
  const unwanted = paths.filter((path) => UNWANTED.test(path)).map((path) => `ships ${path}`)
  const file = join(PACKED, tarball.filename)
  const judged = [
    run('publint', ['run', file, '--strict'], { quiet: true }),
    run('attw', [file, '--profile', 'esm-only', '--no-definitely-typed', '--no-color'], {
      quiet: true,
    }),
  ].flatMap((outcome) => (outcome.ok ? [] : [outcome.stdout + outcome.stderr]))
  return [...missing, ...unwanted, ...judged]
}

process.chdir(join(import.meta.dirname, '..'))
rmSync(PACKED, { recursive: true, force: true })
mkdirSync(PACKED, { recursive: true })

const folders = globSync('packages/*/package.json')
  .filter((path) => JSON.parse(readFileSync(path, 'utf8')).private !== true)
  .map((path) => dirname(path))
  .sort()

for (const folder of folders) {
  const problems = problemsOf(folder)
  process.stdout.write(`${problems.length === 0 ? 'ok' : 'FAILED'} ${folder}\n`)
  for (const problem of problems) process.stdout.write(`  ${problem.trimEnd()}\n`)
  if (problems.length > 0) process.exitCode = 1
}
if (folders.length === 0) throw new Error('no package to check')
