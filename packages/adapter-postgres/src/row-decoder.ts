import type { RowShape } from '@mortise/core/adapter'
import type { ReadValue } from './types/read-text.ts'

/** Reads the body of a DataRow into a row. */
export type RowDecoder = (buffer: Buffer, start: number, end: number) => unknown

/** A DataRow that is not what its RowDescription said. */
export class MalformedRowError extends Error {
  override readonly name = 'MalformedRowError'

  constructor() {
    super('the server sent a row that does not fit its description; the stream is damaged')
  }
}

/**
 * The decoder of a result: arrays, or the objects of `shape`. A generated function where the runtime
 * allows one; else closures that give the same rows.
 */
export function compileRowDecoder(
  readers: readonly ReadValue[],
  shape: RowShape | undefined,
  codegen: boolean,
): RowDecoder {
  return codegen ? generate(readers, shape) : assemble(readers, shape)
}

function generate(readers: readonly ReadValue[], shape: RowShape | undefined): RowDecoder {
  const decodes = shape?.columns.map((column) => column.decode) ?? []
  const lines = readers.map((_reader, i) => {
    const read = `r${i}(b,o,n)`
    const value = decodes[i] === undefined ? read : `d${i}(${read})`
    return `
  l=b[o]<<24|b[o+1]<<16|b[o+2]<<8|b[o+3];o+=4;
  let v${i}=null;
  if(l!==-1){n=o+l;if(l<0||n>e)throw new M();v${i}=${value};o=n}`
  })
  const row =
    shape === undefined
      ? `[${readers.map((_reader, i) => `v${i}`).join(',')}]`
      : `{${shape.columns.map(({ property }, i) => `${key(property)}:v${i}`).join(',')}}`
  const locals = [
    ...readers.map((_reader, i) => `const r${i}=r[${i}];`),
    ...decodes.map((decode, i) => (decode === undefined ? '' : `const d${i}=d[${i}];`)),
  ].join('')
  const make = new Function(
    'r',
    'd',
    'a',
    'M',
    `'use strict';${locals}return function(b,o,e){
  if((b[o]<<8|b[o+1])!==${readers.length})throw new M();
  o+=2;let l=0,n=0;${lines.join('')}
  if(o!==e)throw new M();
  ${shape?.attach === undefined ? `return ${row}` : `const w=${row};a(w);return w`}
}`,
  )
  return make(readers, decodes, shape?.attach, MalformedRowError)
}

/** Names stand in the text only as JSON strings, so none of them is code. */
function key(property: string): string {
  const quoted = JSON.stringify(property).replace(
    /[\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  )
  // A literal "__proto__" would set the prototype; a computed one is a property like any other.
  return property === '__proto__' ? `[${quoted}]` : quoted
}

function assemble(readers: readonly ReadValue[], shape: RowShape | undefined): RowDecoder {
  return (buffer, start, end) => {
    if (buffer.readUInt16BE(start) !== readers.length) throw new MalformedRowError()
    const values: unknown[] = []
    let offset = start + 2
    for (let i = 0; i < readers.length; i++) {
      if (offset + 4 > end) throw new MalformedRowError()
      const length = buffer.readInt32BE(offset)
      offset += 4
      if (length === -1) {
        values.push(null)
        continue
      }
      if (length < 0 || offset + length > end) throw new MalformedRowError()
      const value = (readers[i] as ReadValue)(buffer, offset, offset + length)
      const decode = shape?.columns[i]?.decode
      values.push(decode === undefined ? value : decode(value))
      offset += length
    }
    if (offset !== end) throw new MalformedRowError()
    if (shape === undefined) return values
    const row = {}
    shape.columns.forEach(({ property }, i) => {
      Object.defineProperty(row, property, {
        value: values[i],
        enumerable: true,
        configurable: true,
        writable: true,
      })
    })
    shape.attach?.(row)
    return row
  }
}

/** Whether the process may make functions from text (`--disallow-code-generation-from-strings`). */
export function canGenerate(): boolean {
  try {
    return new Function('return true')() === true
  } catch {
    return false
  }
}
