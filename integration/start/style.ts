import { styleText } from 'node:util'

/** Colours and weights of text; each gives its text as it is where the output is no terminal. */
export interface StyleText {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly green: (text: string) => string
  readonly red: (text: string) => string
  readonly cyan: (text: string) => string
}

/** Styles for a stream, by what it is and by `NO_COLOR`. */
export function styleFor(stream: NodeJS.WritableStream): StyleText {
  const style = (format: 'bold' | 'dim' | 'green' | 'red' | 'cyan') => (text: string) =>
    styleText(format, text, { stream })
  return {
    bold: style('bold'),
    dim: style('dim'),
    green: style('green'),
    red: style('red'),
    cyan: style('cyan'),
  }
}
