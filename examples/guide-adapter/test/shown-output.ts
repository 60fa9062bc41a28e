/** What differs from run to run, or with every new rule, made the same. */
function constant(output: string): string {
  return output
    .replace(/\d+(\.\d+)? ms\b/g, 'N ms')
    .replace(/in \d+\.\d s\b/g, 'in N s')
    .replace(/mtk_\w+?_\d+_/g, 'mtk_N_')
    .replace(/^ *\d+\/\d{3,} /gm, '')
    .replace(/\d+ passed/g, 'N passed')
    .replace(/[1-9]\d* failed/g, 'some failed')
    .replace(/\d+ not applicable/g, 'N not applicable')
    .trimEnd()
}

/**
 * Undefined where the guide shows the output as it is; else both, made comparable. A line of `…`
 * stands for any lines.
 */
export function difference(
  shown: string,
  real: string,
): { readonly shown: string; readonly real: string } | undefined {
  const texts = { shown: constant(shown), real: constant(real) }
  const pattern = texts.shown
    .split('\n')
    .map((line) => (line === '…' ? '(?:.*\\n)*?' : `${literally(line)}\\n`))
    .join('')
  return new RegExp(`^${pattern}$`).test(`${texts.real}\n`) ? undefined : texts
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
