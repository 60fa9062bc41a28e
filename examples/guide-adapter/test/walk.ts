import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Block, changed } from './guide-blocks.ts'

/** A command of the guide with the output that it had. */
export interface Run {
  readonly line: number
  readonly command: string
  readonly shown: string
  readonly real: string
}

/** The package that the guide builds. */
export const packageFolder = dirname(import.meta.dirname)

/**
 * Walks the guide as its reader does: from an empty folder, block by block, doing what it says. The
 * folder is kept as it was after every step, for the compiler to look at.
 */
export class Walk implements Disposable {
  readonly runs: Run[] = []
  /** The folder after each step; the last is the finished package. */
  readonly stages: string[] = []
  readonly #root = mkdtempSync(join(tmpdir(), 'guide-walk-'))
  readonly #folder = join(this.#root, 'walk')
  /** Files that were changed for one command, as they were before. */
  readonly #tried = new Map<string, string>()

  constructor(blocks: readonly Block[]) {
    mkdirSync(this.#folder)
    symlinkSync(modulesFolder(), join(this.#root, 'node_modules'))
    for (const block of blocks) this.#do(block)
  }

  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true })
  }

  #do(block: Block): void {
    if (block.kind === 'file') this.#write(block.path, block.text)
    else if (block.kind === 'change') this.#change(block.path, block.text, block.tried)
    else if (block.kind === 'command') this.#run(block.line, block.command, block.output)
    else if (block.kind === 'take') {
      for (const path of block.paths) {
        this.#write(path, readFileSync(join(packageFolder, path), 'utf8'))
      }
    }
  }

  #change(path: string, change: string, tried: boolean): void {
    const before = readFileSync(join(this.#folder, path), 'utf8')
    if (tried) this.#tried.set(path, before)
    this.#write(path, changed(before, change))
  }

  #write(path: string, text: string): void {
    mkdirSync(dirname(join(this.#folder, path)), { recursive: true })
    writeFileSync(join(this.#folder, path), text)
  }

  #run(line: number, command: string, shown: string): void {
    if (this.#tried.size === 0) this.#keepStage()
    this.runs.push({ line, command, shown, real: this.#outputOf(command) })
    for (const [path, text] of this.#tried) this.#write(path, text)
    this.#tried.clear()
  }

  #outputOf(command: string): string {
    const args = programOf(command.split(' '))
    const options = { cwd: this.#folder, encoding: 'utf8', stdio: 'pipe' } as const
    try {
      return execFileSync(process.execPath, [...process.execArgv, ...args], options)
    } catch (error) {
      // A command that finds something wrong ends with a code other than 0.
      const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string }
      if (!stdout) throw new Error(`${command} failed: ${stderr}`, { cause: error })
      return stdout
    }
  }

  #keepStage(): void {
    const stage = join(this.#root, `stage-${this.stages.length + 1}`)
    cpSync(this.#folder, stage, { recursive: true })
    this.stages.push(stage)
  }
}

function programOf([program, name, ...rest]: readonly string[]): readonly string[] {
  if (program === 'node' && name !== undefined) return [name, ...rest]
  if (program === 'npx' && name === 'mortise-testkit') {
    return [join(modulesFolder(), '@mortise/testkit/src/cli.ts'), ...rest]
  }
  throw new Error(`the walk has no ${program} ${name}`)
}

/** The folder of the workspaces' packages. */
function modulesFolder(): string {
  const found = [packageFolder, dirname(dirname(packageFolder))]
    .map((folder) => join(folder, 'node_modules'))
    .find((folder) => existsSync(join(folder, '@mortise/testkit')))
  if (found === undefined) throw new Error('the packages are not installed')
  return found
}
