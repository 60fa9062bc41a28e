import { globSync, readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import type { Manifest, Repository } from './check.ts'

const SOURCES = ['packages/*/src/**/*.ts', '{integration,bench,examples,tools}/**/*.ts']
const MANIFESTS = [
  'packages/*/package.json',
  '{integration,bench}/package.json',
  'examples/*/package.json',
]

/** Reads the sources and manifests of the repository whose root is `root`. */
export function readRepository(root: string): Repository {
  const files = new Map<string, string>()
  for (const path of list(root, SOURCES)) files.set(path, readFileSync(join(root, path), 'utf8'))
  const manifests = new Map<string, Manifest>()
  for (const path of list(root, MANIFESTS)) {
    manifests.set(dirname(path), JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest)
  }
  return { files, manifests }
}

function list(root: string, patterns: string[]): string[] {
  const generated = ['**/node_modules/**', '**/dist/**']
  return globSync(patterns, { cwd: root, exclude: generated })
    .map((path) => path.split(sep).join('/'))
    .sort()
}
