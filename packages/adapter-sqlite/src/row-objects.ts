import type { Column, RowShape } from '@mortise/core/adapter'
import { kindsOf, mayBeRounded, plainBytes, type StoredKind, wrongKind } from './exact-rows.ts'

/**
 * Finishes rows that the library made as objects, in place: checks them, decodes their values,
 * attaches what the shape attaches. `inexact` where an integer may have been rounded, `stale` where
 * the objects have other properties; such rows have to be read anew.
 */
type Finish = (rows: readonly object[]) => 'done' | 'inexact' | 'stale'

/**
 * Rows as finished objects. better-sqlite3 makes objects as fast as arrays, so where its property
 * names are those of the shape, no array has to be turned into an object.
 */
export interface RowObjects {
  readonly shape: RowShape
  /** The columns that the objects have. */
  readonly columns: readonly Column[]
  /** Undefined where the rows have to be built from arrays. */
  readonly finish: Finish | undefined
}

/** Compiles the finishing of rows; `finish` is undefined where objects will not do. */
export function rowObjects(shape: RowShape, columns: readonly Column[]): RowObjects {
  return { shape, columns, finish: canBeObjects(shape, columns) ? compile(shape) : undefined }
}

/** Whether each column makes the property that the shape wants, under a name that is nothing else. */
function canBeObjects(shape: RowShape, columns: readonly Column[]): boolean {
  const names = new Set(columns.map(({ name }) => name))
  return (
    columns.length === shape.columns.length &&
    names.size === columns.length &&
    !names.has('__proto__') &&
    shape.columns.every(({ property }, i) => property === columns[i]?.name)
  )
}

/** Undefined where the process may not make functions of text. Names stand in it as JSON only. */
function compile(shape: RowShape): Finish | undefined {
  const stored = kindsOf(shape)
  const decoders = shape.columns.map(({ decode }) => decode)
  const properties = shape.columns.map(({ property }) => `r[${JSON.stringify(property)}]`)
  const steps = properties.map((property, c) => {
    const decode = decoders[c] === undefined ? '' : `if (v !== null) ${property} = d${c}(v)\n`
    return `v = ${property}\n${check(stored.kinds[c] as StoredKind, property, c)}${decode}`
  })
  const locals = decoders.map((decode, c) =>
    decode === undefined ? '' : `const d${c} = d[${c}]\n`,
  )
  const text = `'use strict'
${locals.join('')}return (rows) => {
  let r = rows[0], v
  if (r === undefined) return 'done'
  if (${properties.map((property) => `${property} === undefined`).join(' || ')}) return 'stale'
  for (let i = 0; i < rows.length; i++) {
    r = rows[i]
    ${steps.join('')}
  }
  ${shape.attach === undefined ? '' : 'for (let i = 0; i < rows.length; i++) attach(rows[i])'}
  return 'done'
}`
  const wrong = (column: number): never => {
    throw wrongKind(stored, column)
  }
  try {
    const make = new Function('d', 'attach', 'rounded', 'bytes', 'wrong', text)
    return make(decoders, shape.attach, mayBeRounded, plainBytes, wrong) as Finish
  } catch {
    return undefined
  }
}

const rounded = `if ((v > ${Number.MAX_SAFE_INTEGER} || v < ${Number.MIN_SAFE_INTEGER}) && rounded(v)) return 'inexact'\n`

/** The check of one column's value `v`. Blobs are made plain, and `v` with them. */
function check(kind: StoredKind, property: string, column: number): string {
  const wrong = `wrong(${column})\n`
  switch (kind) {
    case 'integer':
      return `if (typeof v === 'number') { ${rounded} if (!Number.isInteger(v)) ${wrong} } else if (v !== null) ${wrong}`
    case 'float':
      return `if (typeof v === 'number') { ${rounded} } else if (v !== null) ${wrong}`
    case 'text':
      return `if (typeof v !== 'string' && v !== null) ${wrong}`
    case 'bytes':
      return `if (typeof v === 'object') { if (v !== null) ${property} = v = bytes(v) } else ${wrong}`
    case 'any':
    case 'wide':
      return `if (typeof v === 'number') { ${rounded} } else if (typeof v === 'object' && v !== null) ${property} = v = bytes(v)\n`
  }
}
