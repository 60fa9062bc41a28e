import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where a file of the test certificates is; `certificates/make.sh` says how they were made. */
export function certificatePath(name: string): string {
  return fileURLToPath(new URL(`certificates/${name}`, import.meta.url))
}

/** A file of the test certificates. */
export function certificate(name: string): string {
  return readFileSync(certificatePath(name), 'utf8')
}
