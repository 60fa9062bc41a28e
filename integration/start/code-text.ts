/**
 * What a function runs, of its source (`fn.toString()`): without the arrow, moved to the left.
 *
 * Node.js blanks types out before it runs a file, so such a function should hold none.
 */
export function codeText(source: string): string {
  const arrow = /^(?:async\s*)?\(\)\s*=>\s*/.exec(source)
  if (arrow === null) throw new Error('only arrow functions without parameters can be shown')
  const body = source.slice(arrow[0].length)
  return outdent(body.startsWith('{') ? body.slice(1, -1) : body)
}

function outdent(code: string): string {
  const lines = code.split('\n')
  const [first = '', ...rest] = lines
  const indents = rest
    .filter((line) => line.trim() !== '')
    .map((line) => /^ */.exec(line)?.[0].length ?? 0)
  // The last line of an expression closes it, so it stands where the expression began.
  const indent = first.trim() === '' ? Math.min(...indents) : (indents.at(-1) ?? 0)
  return [first.trim(), ...rest.map((line) => line.slice(indent))].join('\n').trim()
}
