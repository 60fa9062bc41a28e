import { readFileSync } from 'node:fs'

/**
 * The lock file names no registry, so that it installs from whichever one a machine is set to. npm
 * leaves the addresses out because of .npmrc; an npm that ignores it, or a dependency from an
 * address, would bring them back.
 */
interface LockFile {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>
}

const text = readFileSync(`${import.meta.dirname}/../package-lock.json`, 'utf8')
const { packages } = JSON.parse(text) as LockFile
const addressed = Object.entries(packages).filter(([, { resolved }]) => resolved?.includes(':'))

for (const [path, { resolved }] of addressed) {
  process.stderr.write(`package-lock.json: ${path} is bound to ${resolved}\n`)
}
process.stdout.write(
  `lock file: ${Object.keys(packages).length} packages, ${addressed.length} bound to an address\n`,
)
if (addressed.length > 0) process.exitCode = 1
