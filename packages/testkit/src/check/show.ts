import { inspect } from 'node:util'

const longest = 160

/** Shows a value to a person: exact where it is short, cut with its length where it is long. */
export function show(value: unknown): string {
  if (typeof value === 'string') return showText(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (value instanceof Uint8Array) return showBytes(value)
  if (value instanceof Error) return showError(value)
  return shorten(
    inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 20 }),
  )
}

/** Shows an error by its class, its code and its message. */
export function showError(error: Error): string {
  const code = (error as { code?: unknown }).code
  const name = error.name === '' ? 'Error' : error.name
  return shorten(`${name}${typeof code === 'string' ? ` ${code}` : ''}: ${error.message}`, 400)
}

/** Invisible and ill-formed characters are written as escapes. */
function showText(text: string): string {
  const shown = JSON.stringify(text.length > longest ? text.slice(0, longest) : text).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return text.length > longest ? `${shown}… (${text.length} characters)` : shown
}

function showBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 24)).toString(
    'hex',
  )
  return `<${bytes.length} bytes${bytes.length > 0 ? ` ${hex}` : ''}${bytes.length > 24 ? '…' : ''}>`
}

function shorten(text: string, most = longest * 2): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}
