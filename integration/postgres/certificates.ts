import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const adapter = dirname(
  createRequire(import.meta.url).resolve('@mortise/adapter-postgres/package.json'),
)

/** Where a file of the adapter's test certificates is; `make.sh` there says how they were made. */
export function certificatePath(name: string): string {
  return join(adapter, 'src', 'testing', 'certificates', name)
}

/** A file of the test certificates. */
export function certificate(name: string): string {
  return readFileSync(certificatePath(name), 'utf8')
}
