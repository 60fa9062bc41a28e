import { isDate, isUint8Array } from 'node:util/types'
import type { LogicalType, LogicalTypeName } from '@mortise/core/adapter'
import { maxDimensions } from './read-array.ts'

/**
 * The type of an array that came as a parameter without a type: that of its elements, if they are
 * all of one kind (integers among other numbers are numbers). Undefined for every other value.
 */
export function inferArray(value: unknown): LogicalType | undefined {
  if (!Array.isArray(value)) return undefined
  const found = { depth: 0, kind: undefined as Kind | undefined }
  if (!look(value, 1, found)) return undefined
  // Nothing but nulls: any text of them is the same.
  return inferred.get(found.kind ?? 'text')?.[Math.max(found.depth, 1) - 1]
}

/** Whether a type is of {@link inferArray}'s making. */
export function isInferredArray(type: LogicalType): boolean {
  return allInferred.has(type)
}

const kinds = ['boolean', 'integer', 'float', 'bigint', 'text', 'timestamp', 'bytes'] as const
type Kind = (typeof kinds)[number] & LogicalTypeName

/** The same type is the same object, by element and dimension. */
const inferred: ReadonlyMap<Kind, readonly LogicalType[]> = new Map(
  kinds.map((name) => {
    const types: LogicalType[] = []
    let element: LogicalType = Object.freeze({ name })
    for (let depth = 1; depth <= maxDimensions; depth++) {
      element = Object.freeze({ name: 'array', element })
      types.push(element)
    }
    return [name, types]
  }),
)

const allInferred: ReadonlySet<LogicalType> = new Set([...inferred.values()].flat())

function look(
  array: readonly unknown[],
  depth: number,
  found: { depth: number; kind: Kind | undefined },
): boolean {
  if (depth > maxDimensions) return false
  for (let i = 0; i < array.length; i++) {
    const element: unknown = array[i]
    if (Array.isArray(element)) {
      if (found.depth !== 0 && found.depth <= depth) return false
      if (!look(element, depth + 1, found)) return false
      continue
    }
    if (found.depth !== 0 && found.depth !== depth) return false
    found.depth = depth
    if (element === null) continue
    const kind = kindOf(element)
    if (kind === undefined) return false
    if (found.kind === undefined || found.kind === kind) found.kind = kind
    else if (isNumber(found.kind) && isNumber(kind)) found.kind = 'float'
    else return false
  }
  return true
}

const isNumber = (kind: Kind): boolean => kind === 'integer' || kind === 'float'

function kindOf(value: unknown): Kind | undefined {
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'integer' : 'float'
    case 'bigint':
      return 'bigint'
    case 'string':
      return 'text'
    default:
      if (isDate(value)) return Number.isNaN(value.getTime()) ? undefined : 'timestamp'
      return isUint8Array(value) ? 'bytes' : undefined
  }
}
