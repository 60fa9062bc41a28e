/** What the guide tells its reader to do, or shows. Each block is one of these. */
export type Block = { readonly line: number } & (
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | {
      readonly kind: 'change'
      readonly path: string
      readonly text: string
      readonly tried: boolean
    }
  | { readonly kind: 'command'; readonly command: string; readonly output: string }
  | { readonly kind: 'excerpt'; readonly path: string; readonly text: string }
  | { readonly kind: 'snippet'; readonly text: string }
  | { readonly kind: 'take'; readonly paths: readonly string[] }
)

/**
 * The blocks of the guide in their order. The word behind a fence's language says what one is:
 *
 * - `file=path`: the file is written as it stands here. As `diff`, it is changed; with `try`, only
 *   for the next command.
 * - `console`: a command behind `$` and the output that it really has.
 * - `excerpt=path`: a part of that file. `check`: code that compiles, but belongs to no file.
 * - `<!-- walk: take … -->`: files that the guide shows by excerpts.
 *
 * `sh` is for commands that are not run here.
 */
export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = []
  const lines = markdown.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const taken = /^<!-- walk: take (.+) -->$/.exec(lines[i] as string)?.[1]
    if (taken !== undefined) blocks.push({ kind: 'take', line: i + 1, paths: taken.split(' ') })
    const [, indent = '', info] = /^( *)```(.+)$/.exec(lines[i] as string) ?? []
    if (info === undefined) continue
    const start = i + 1
    while (lines[++i] !== `${indent}\`\`\``) {
      if (i >= lines.length) throw new Error(`the block of line ${start} does not end`)
    }
    const block = blockOf(info, `${lines.slice(start, i).join('\n')}\n`, start)
    if (block !== undefined) blocks.push(block)
  }
  return blocks
}

function blockOf(info: string, text: string, line: number): Block | undefined {
  const [language = '', what = '', ...more] = info.split(' ')
  const [role, path] = what.split('=')
  if (language === 'sh' && what === '') return undefined
  if (language === 'console') {
    const [first = '', ...output] = text.split('\n')
    if (!first.startsWith('$ ')) throw new Error(`line ${line + 1}: a command begins with $`)
    return { kind: 'command', line, command: first.slice(2), output: output.join('\n') }
  }
  if (language === 'ts' && what === 'check') return { kind: 'snippet', line, text }
  if (role === 'excerpt' && path !== undefined) return { kind: 'excerpt', line, path, text }
  if (role === 'file' && path !== undefined) {
    return language === 'diff'
      ? { kind: 'change', line, path, text, tried: more.includes('try') }
      : { kind: 'file', line, path, text }
  }
  throw new Error(`line ${line}: say what the block is: \`\`\`${info}`)
}

/** A text after a change in the guide's notation: hunks of a diff, parted by lines of `@@`. */
export function changed(text: string, change: string): string {
  return change.split('@@\n').reduce((before, hunk) => {
    const lines = hunk.split('\n').slice(0, -1)
    const side = (mark: '-' | '+') =>
      lines
        .filter((line) => line === '' || line.startsWith(' ') || line.startsWith(mark))
        .map((line) => `${line.slice(1)}\n`)
        .join('')
    const [old, renewed] = [side('-'), side('+')]
    const places = before.split(old).length - 1
    if (places !== 1) throw new Error(`${places} places for the change of\n${old}`)
    return before.replace(old, () => renewed)
  }, text)
}
