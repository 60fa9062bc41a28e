/** The folders of packages/core/src, lowest first: each may import itself and what stands before it. */
export const CORE_LAYERS = [
  'errors',
  'contract',
  'pool',
  'query',
  'transaction',
  'repo',
  'migration',
] as const

/** Helpers for core's own tests: not published, imported by tests only. */
const TEST_FOLDER = 'testing'

/** What the source of a package may import of our packages, and what its tests may import besides. */
interface PackageRule {
  readonly source: readonly string[]
  readonly tests: readonly string[]
}

const CORE_ENTRIES = ['@mortise/core', '@mortise/core/adapter', '@mortise/core/migration']
const ADAPTER: PackageRule = { source: ['@mortise/core/adapter'], tests: ['@mortise/testkit'] }
const UPPER: PackageRule = { source: CORE_ENTRIES, tests: ['@mortise/testkit'] }

const PACKAGE_RULES: readonly (readonly [folder: RegExp, rule: PackageRule])[] = [
  [/^packages\/core$/, { source: [], tests: [] }],
  [/^packages\/adapter-/, ADAPTER],
  [/^packages\/testkit$/, { source: CORE_ENTRIES, tests: [] }],
  [/^packages\/bridge-/, UPPER],
  [/^packages\/cli$/, UPPER],
  [/^packages\/create-adapter$/, { source: [], tests: ['@mortise/testkit'] }],
]

/** Whether a path is a test, run by vitest or checked by it, and so no part of a package. */
export function isTest(path: string): boolean {
  return /\.test(-d)?\.ts$/.test(path)
}

/** The folder of the workspace that a file belongs to: `packages/core`, `integration`, … */
export function workspaceOf(path: string): string {
  const parts = path.split('/')
  const depth = parts[0] === 'packages' || parts[0] === 'examples' ? 2 : 1
  return parts.slice(0, depth).join('/')
}

/** Why `path` may not import one of our packages by the name `specifier`; undefined if it may. */
export function packageImportProblem(path: string, specifier: string): string | undefined {
  const workspace = workspaceOf(path)
  if (!workspace.startsWith('packages/')) return undefined
  const rule = PACKAGE_RULES.find(([folder]) => folder.test(workspace))?.[1]
  if (rule === undefined) return `${workspace} has no layer: give it one in tools/layers/rules.ts`
  const allowed = isTest(path) ? [...rule.source, ...rule.tests] : rule.source
  if (allowed.includes(specifier)) return undefined
  const what = allowed.length === 0 ? 'none of our packages' : `only ${allowed.join(', ')}`
  return `${isTest(path) ? 'tests' : 'source'} of ${workspace} may import ${what}`
}

/** Why one file of this repository may not import another by its path; undefined if it may. */
export function fileImportProblem(from: string, to: string): string | undefined {
  const [here, there] = [workspaceOf(from), workspaceOf(to)]
  if (here !== there) return `${here} reaches into ${there}: import the package by its name`
  if (isTest(to)) return 'a test is imported by nobody'
  return here === 'packages/core' ? coreImportProblem(from, to) : undefined
}

function coreImportProblem(from: string, to: string): string | undefined {
  const [source, target] = [coreFolder(from), coreFolder(to)]
  if (isTest(from) && (source === undefined || target === TEST_FOLDER)) return undefined
  if (source === TEST_FOLDER) return undefined
  if (target === TEST_FOLDER) return `${TEST_FOLDER}/ is for tests`
  if (target === undefined) return 'an entry file is imported by nobody'
  const unknown = [source, target].find((name) => name !== undefined && rank(name) === -1)
  if (unknown !== undefined) return `${unknown}/ has no layer: ${CORE_LAYERS.join(' < ')}`
  if (source === undefined || rank(target) <= rank(source)) return undefined
  return `${source}/ lies below ${target}/: imports only go down (${CORE_LAYERS.join(' < ')})`
}

/** The folder under packages/core/src, or undefined for a file directly in it. */
function coreFolder(path: string): string | undefined {
  const parts = path.split('/')
  return parts.length > 4 ? parts[3] : undefined
}

function rank(folder: string): number {
  return (CORE_LAYERS as readonly string[]).indexOf(folder)
}
