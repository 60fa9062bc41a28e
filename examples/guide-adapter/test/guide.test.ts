import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Block, blocksOf } from './guide-blocks.ts'
import { difference } from './shown-output.ts'
import { packageFolder, Walk } from './walk.ts'

const repository = dirname(dirname(packageFolder))
const blocks = blocksOf(readFileSync(join(repository, 'docs/adapter-guide.md'), 'utf8'))
const of = <K extends Block['kind']>(kind: K) =>
  blocks.filter((block): block is Extract<Block, { kind: K }> => block.kind === kind)

/** Files of the guide that are no part of the package here: the workspace has its own, or none. */
const readersOwn = ['package.json', 'tsconfig.json', 'try.ts']

describe('the guide, walked from an empty folder', () => {
  let walk: Walk

  beforeAll(() => {
    walk = new Walk(blocks)
  }, 180_000)
  afterAll(() => walk[Symbol.dispose]())

  it.each(of('command'))('shows what line $line prints: $command', ({ line }) => {
    const run = walk.runs.find((each) => each.line === line)
    const found = run && difference(run.shown, run.real)
    expect(found?.real).toBe(found?.shown)
  })

  it('ends with the files of this package', () => {
    const built = walk.stages.at(-1) as string
    const paths = globSync('{src,more}/**/*.ts', { cwd: packageFolder })
    for (const path of [...paths, 'fixture.ts', 'test/conformance.test.ts']) {
      const text = readFileSync(join(packageFolder, path), 'utf8')
      expect({ path, text: readFileSync(join(built, path), 'utf8') }).toEqual({ path, text })
    }
    const shown = globSync('**/*.{ts,json}', { cwd: built }).filter(
      (path) => !readersOwn.includes(path),
    )
    expect(shown.length).toBe(paths.length + 2)
  })

  it('compiles at every step', () => {
    const check = join(walk.stages.at(-1) as string, 'check')
    const snippets = of('snippet').map(({ text, line }) => {
      const path = `${check}-${line}.ts`
      writeFileSync(path, text)
      return path
    })
    const files = walk.stages.flatMap((stage) =>
      globSync('**/*.ts', { cwd: stage }).map((path) => join(stage, path)),
    )
    expect(files.length).toBeGreaterThan(walk.stages.length)
    expect(problemsOf([...files, ...snippets], walk.stages.at(-1) as string)).toEqual([])
  })
})

describe('the guide', () => {
  it.each(of('excerpt'))('quotes $path as it is in line $line', ({ path, text }) => {
    expect(readFileSync(join(packageFolder, path), 'utf8')).toContain(text)
  })

  it('needs no more than 300 lines for a complete adapter', () => {
    const lines = globSync('src/**/*.ts', { cwd: packageFolder }).map(
      (path) => readFileSync(join(packageFolder, path), 'utf8').split('\n').length - 1,
    )
    expect(lines.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(300)
  })
})

/** What the compiler says of files, with the guide's own tsconfig.json. */
function problemsOf(files: readonly string[], folder: string): readonly string[] {
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile)
  const { options, errors } = ts.convertCompilerOptionsFromJson(config.compilerOptions, folder)
  const program = ts.createProgram(files, {
    ...options,
    customConditions: ['mortise-source'],
    typeRoots: [join(repository, 'node_modules/@types')],
  })
  const problems = [...errors, ...ts.getPreEmitDiagnostics(program)].map(
    ({ file, messageText }) =>
      `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  )
  return [...new Set(problems)]
}
