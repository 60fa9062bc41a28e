import { posix } from 'node:path'
import { findCycles } from './cycles.ts'
import { moduleReferences } from './imports.ts'
import { fileImportProblem, packageImportProblem } from './rules.ts'

/** The parts of a workspace's package.json that decide what depends on what. */
export interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** A repository as plain data; paths are relative to its root, with forward slashes. */
export interface Repository {
  /** From the path of a TypeScript file to its text. */
  readonly files: ReadonlyMap<string, string>
  /** From the folder of a workspace to its manifest. */
  readonly manifests: ReadonlyMap<string, Manifest>
}

/** Every import that breaks a layer and every cycle, one sentence each; empty when all is well. */
export function layerProblems(repository: Repository): string[] {
  const problems: string[] = []
  const imports = new Map<string, Set<string>>()
  const entries = entryFiles(repository.manifests)
  const ours = new Set([...repository.manifests.values()].map((manifest) => manifest.name))

  for (const [path, text] of repository.files) {
    const targets = new Set<string>()
    imports.set(path, targets)
    for (const { specifier, line } of moduleReferences(path, text)) {
      const at = `${path}:${line} imports '${specifier}'`
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(path), specifier)
        if (!repository.files.has(target)) {
          if (/\.[cm]?[jt]s$/.test(specifier)) continue
          if (!/\.\w+$/.test(specifier)) problems.push(`${at}: name the file, with .ts`)
          continue
        }
        const problem = fileImportProblem(path, target)
        if (problem !== undefined) problems.push(`${at}: ${problem}`)
        targets.add(target)
      } else if (ours.has(packageName(specifier))) {
        const problem = packageImportProblem(path, specifier)
        if (problem !== undefined) problems.push(`${at}: ${problem}`)
        const target = entries.get(specifier)
        if (target !== undefined) targets.add(target)
      }
    }
  }

  for (const cycle of findCycles(imports)) problems.push(`import cycle: ${cycle.join(' → ')}`)
  for (const cycle of findCycles(dependencies(repository.manifests))) {
    problems.push(`package cycle: ${cycle.join(' → ')}`)
  }
  return problems
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** From what an importer writes (`@mortise/core/adapter`) to the source file behind it. */
function entryFiles(manifests: Repository['manifests']): Map<string, string> {
  const files = new Map<string, string>()
  for (const [folder, { name, exports = {} }] of manifests) {
    for (const [subpath, target] of Object.entries(exports)) {
      if (typeof target !== 'object' || target === null || !('mortise-source' in target)) continue
      files.set(posix.join(name, subpath), posix.join(folder, String(target['mortise-source'])))
    }
  }
  return files
}

function dependencies(manifests: Repository['manifests']): Map<string, Set<string>> {
  return new Map(
    [...manifests.values()].map((manifest) => [
      manifest.name,
      new Set(
        Object.keys({
          ...manifest.dependencies,
          ...manifest.devDependencies,
          ...manifest.peerDependencies,
          ...manifest.optionalDependencies,
        }),
      ),
    ]),
  )
}
