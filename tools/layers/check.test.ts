import { describe, expect, test } from 'vitest'
import { layerProblems, type Manifest } from './check.ts'

const core: Manifest = {
  name: '@mortise/core',
  exports: {
    '.': { 'mortise-source': './src/index.ts', default: './dist/index.js' },
    './adapter': { 'mortise-source': './src/adapter.ts', default: './dist/adapter.js' },
    './package.json': './package.json',
  },
}
const manifests = {
  'packages/core': core,
  'packages/adapter-sqlite': { name: '@mortise/adapter-sqlite' },
  'packages/testkit': { name: '@mortise/testkit' },
  integration: { name: 'mortise-integration' },
}

function problemsIn(files: Record<string, string>, others: Record<string, Manifest> = {}) {
  return layerProblems({
    files: new Map(Object.entries(files)),
    manifests: new Map(Object.entries({ ...manifests, ...others })),
  })
}

/** `from` imports `packages/core/src/<to>` by a relative path from within core. */
function coreImport(from: string, to: string) {
  const up = '../'.repeat(from.split('/').length - 1) || './'
  return problemsIn({
    [`packages/core/src/${from}`]: `import { x } from '${up}${to}'`,
    [`packages/core/src/${to}`]: 'export const x = 1',
  })
}

describe('folders of core', () => {
  test.each([
    ['repo/repo.ts', 'transaction/scope.ts'],
    ['repo/repo.ts', 'errors/index.ts'],
    ['migration/migrator.ts', 'repo/repo.ts'],
    ['query/table/column.ts', 'query/sql.ts'],
    ['index.ts', 'migration/migrator.ts'],
    ['index.test.ts', 'index.ts'],
    ['pool/pool.test.ts', 'testing/fake-adapter.ts'],
    ['testing/fake-adapter.ts', 'repo/repo.ts'],
  ])('%s may import %s', (from, to) => {
    expect(coreImport(from, to)).toEqual([])
  })

  test.each([
    ['pool/pool.ts', 'repo/repo.ts', 'pool/ lies below repo/'],
    ['pool/pool.test.ts', 'repo/repo.ts', 'pool/ lies below repo/'],
    ['errors/index.ts', 'contract/adapter.ts', 'errors/ lies below contract/'],
    ['repo/repo.ts', 'index.ts', 'an entry file is imported by nobody'],
    ['index.ts', 'adapter.ts', 'an entry file is imported by nobody'],
    ['pool/pool.ts', 'testing/fake-adapter.ts', 'testing/ is for tests'],
    ['pool/pool.ts', 'pool/queue.test.ts', 'a test is imported by nobody'],
    ['repo/repo.ts', 'helpers/all.ts', 'helpers/ has no layer'],
  ])('%s may not import %s', (from, to, reason) => {
    expect(coreImport(from, to)).toEqual([expect.stringContaining(reason)])
  })

  test.each([
    "import type { Repo } from '../repo/repo.ts'",
    "import { type Repo } from '../repo/repo.ts'",
    "export type { Repo } from '../repo/repo.ts'",
    "export * from '../repo/repo.ts'",
    "type R = import('../repo/repo.ts').Repo",
    "const r: typeof import('../repo/repo.ts') = x",
    "const r = await import('../repo/repo.ts')",
    "import r = require('../repo/repo.ts')",
    "declare module '../repo/repo.ts' {}",
  ])('finds the way up in: %s', (text) => {
    const problems = problemsIn({
      'packages/core/src/pool/pool.ts': `// first line\n\n${text}`,
      'packages/core/src/repo/repo.ts': 'export interface Repo {}',
    })
    expect(problems).toEqual([
      expect.stringMatching(/^packages\/core\/src\/pool\/pool\.ts:3 .*pool\/ lies below repo\//),
    ])
  })

  test('ignores what only looks like an import', () => {
    const problems = problemsIn({
      'packages/core/src/pool/pool.ts': `// import '../repo/repo.ts'\nconst s = "import '../repo/repo.ts'"`,
      'packages/core/src/repo/repo.ts': '',
    })
    expect(problems).toEqual([])
  })
})

describe('packages', () => {
  function imports(path: string, specifier: string) {
    return problemsIn({ [path]: `import type { X } from '${specifier}'` })
  }

  test.each([
    ['packages/adapter-sqlite/src/index.ts', '@mortise/core/adapter'],
    ['packages/adapter-sqlite/src/index.test.ts', '@mortise/testkit'],
    ['packages/testkit/src/index.ts', '@mortise/core'],
    ['packages/testkit/src/index.ts', '@mortise/core/adapter'],
    ['packages/core/src/pool/pool.ts', 'node:events'],
    ['integration/sqlite.test.ts', '@mortise/adapter-sqlite'],
  ])('%s may import %s', (path, specifier) => {
    expect(imports(path, specifier)).toEqual([])
  })

  test.each([
    ['packages/adapter-sqlite/src/index.ts', '@mortise/core'],
    ['packages/adapter-sqlite/src/index.ts', '@mortise/testkit'],
    ['packages/testkit/src/index.ts', '@mortise/adapter-sqlite'],
    ['packages/testkit/src/index.test.ts', '@mortise/adapter-sqlite'],
    ['packages/core/src/index.test.ts', '@mortise/testkit'],
    ['packages/core/src/index.ts', '@mortise/core/adapter'],
    ['packages/unheard-of/src/index.ts', '@mortise/core'],
  ])('%s may not import %s', (path, specifier) => {
    expect(imports(path, specifier)).toHaveLength(1)
  })

  test('are not entered by a relative path', () => {
    const problems = problemsIn({
      'integration/a.test.ts': "import { x } from '../packages/core/src/index.ts'",
      'packages/core/src/index.ts': 'export const x = 1',
    })
    expect(problems).toEqual([expect.stringContaining('reaches into packages/core')])
  })
})

describe('cycles', () => {
  test('of type imports are found', () => {
    const problems = problemsIn({
      'packages/core/src/pool/a.ts': "import type { B } from './b.ts'",
      'packages/core/src/pool/b.ts': "import type { C } from './c.ts'",
      'packages/core/src/pool/c.ts': "export type { A } from './a.ts'",
    })
    expect(problems).toEqual([
      'import cycle: packages/core/src/pool/a.ts → packages/core/src/pool/b.ts → packages/core/src/pool/c.ts → packages/core/src/pool/a.ts',
    ])
  })

  test('through a package name are found', () => {
    const problems = problemsIn(
      {
        'packages/core/src/adapter.ts': "import type { T } from '@mortise/testkit'",
        'packages/testkit/src/index.ts': "import type { A } from '@mortise/core/adapter'",
      },
      {
        'packages/testkit': {
          name: '@mortise/testkit',
          exports: { '.': { 'mortise-source': './src/index.ts' } },
        },
      },
    )
    expect(problems).toContain(
      'import cycle: packages/core/src/adapter.ts → packages/testkit/src/index.ts → packages/core/src/adapter.ts',
    )
  })

  test('of packages are found, development dependencies included', () => {
    const problems = problemsIn(
      {},
      {
        'packages/core': { ...core, devDependencies: { '@mortise/testkit': '*' } },
        'packages/testkit': {
          name: '@mortise/testkit',
          peerDependencies: { '@mortise/core': '*' },
        },
      },
    )
    expect(problems).toEqual(['package cycle: @mortise/core → @mortise/testkit → @mortise/core'])
  })

  test('are not seen in a diamond', () => {
    const problems = problemsIn({
      'packages/core/src/pool/a.ts': "import './b.ts'\nimport './c.ts'",
      'packages/core/src/pool/b.ts': "import './d.ts'",
      'packages/core/src/pool/c.ts': "import './d.ts'",
      'packages/core/src/pool/d.ts': '',
    })
    expect(problems).toEqual([])
  })
})
