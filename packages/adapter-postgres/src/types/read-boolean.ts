import { ValueError } from '@mortise/core/adapter'

/** `t` or `f`. */
export function readBoolean(buffer: Buffer, start: number, end: number): boolean {
  const code = buffer[start]
  if (end - start === 1) {
    if (code === 0x74) return true
    if (code === 0x66) return false
  }
  throw new ValueError(
    'the stored value is not a boolean; read the column by the type it has, or cast it in the SQL',
  )
}
