import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const fileName = join(root, 'integration', 'types', 'an-open-file.ts')
const mark = '/*?*/'

/**
 * What an editor shows of one open file of this folder, under the repository's own configuration.
 * Places are marked in the text by a comment; the first mark is the first answer.
 */
export class Editor {
  #text = ''
  #version = 0
  readonly #service: ts.LanguageService

  constructor() {
    const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
    const readFile = (path: string) => (path === fileName ? this.#text : ts.sys.readFile(path))
    this.#service = ts.createLanguageService({
      getScriptFileNames: () => [fileName],
      getScriptVersion: (path) => (path === fileName ? String(this.#version) : '0'),
      getScriptSnapshot(path) {
        const content = readFile(path)
        return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content)
      },
      getCurrentDirectory: () => root,
      getCompilationSettings: () => ({ ...options, noEmit: false, declaration: true }),
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      readFile,
      fileExists: (path) => path === fileName || ts.sys.fileExists(path),
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
      readDirectory: ts.sys.readDirectory,
      realpath: (path) => ts.sys.realpath?.(path) ?? path,
    })
  }

  /** Replaces the file's text. */
  open(text: string): this {
    this.#text = text
    this.#version++
    return this
  }

  /** The hover over the name behind each mark, on one line. */
  hovers(): string[] {
    return this.#marks().map((at) => {
      const info = this.#service.getQuickInfoAtPosition(fileName, at + mark.length)
      return ts.displayPartsToString(info?.displayParts).replace(/\s+/g, ' ')
    })
  }

  /** What completion offers at each mark, without keywords and globals. */
  completions(): string[][] {
    return this.#marks().map((at) => {
      // Inside quotes the place is before the mark, elsewhere behind it.
      const place = this.#text[at - 1] === "'" ? at : at + mark.length
      const offered = this.#service.getCompletionsAtPosition(fileName, place, {})
      return (offered?.entries ?? [])
        .filter(({ kind, sortText }) => kind !== 'keyword' && sortText < '15')
        .map(({ name }) => name)
    })
  }

  /** The messages of all errors, whole, from top to bottom. */
  errors(): string[] {
    return messages(this.#service.getSemanticDiagnostics(fileName))
  }

  /** The declaration file, and what the compiler cannot say in it. */
  declaration(): { readonly text: string; readonly errors: string[] } {
    const { outputFiles } = this.#service.getEmitOutput(fileName, true, true)
    const program = this.#program()
    return {
      text: outputFiles.map((file) => file.text).join(),
      errors: messages(program.getDeclarationDiagnostics(program.getSourceFile(fileName))),
    }
  }

  /** How many types the compiler instantiated to check the file and what it uses. */
  instantiations(): number {
    const program = this.#program()
    program.getSemanticDiagnostics(program.getSourceFile(fileName))
    return program.getInstantiationCount()
  }

  #program(): ts.Program {
    const program = this.#service.getProgram()
    if (program === undefined) throw new Error('the language service has no program')
    return program
  }

  #marks(): number[] {
    return [...this.#text.matchAll(/\/\*\?\*\//g)].map(({ index }) => index)
  }
}

function messages(diagnostics: readonly ts.Diagnostic[]): string[] {
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}
