import { oid } from './built-in-types.ts'
import { readBoolean } from './read-boolean.ts'
import { readBytes } from './read-bytes.ts'
import { readDate, readIsoText } from './read-date-time.ts'
import { readInterval } from './read-interval.ts'
import { readJson } from './read-json.ts'
import { readBigInt, readFloat, readInteger } from './read-number.ts'
import { type ReadValue, readAscii } from './read-text.ts'
import { temporalReaders } from './temporal-readers.ts'

/**
 * What raw queries read values as, where no column type says it. All of them: `bool` boolean; `int2`,
 * `int4`, `oid` number; `int8` bigint; `float4`, `float8` number; `numeric` a string with all its
 * digits; `bytea` Uint8Array; arrays, ranges, multiranges and composites of these; enums, `uuid` and
 * everything else text.
 *
 * - `default`: `timestamptz` is a Date, which holds milliseconds (±Infinity where the server says
 *   infinity); `interval` a `PostgresInterval`; `json` and `jsonb` are parsed, and a number that
 *   JavaScript cannot hold is refused; `date`, `time`, `timetz` and `timestamp` are the server's
 *   ISO text, because they name no instant.
 * - `exact`: as `default`, but `timestamptz`, `interval`, `json` and `jsonb` are the server's text.
 * - `temporal`: as `default`, but `timestamptz` is a `Temporal.Instant`, `timestamp` a
 *   `PlainDateTime`, `date` a `PlainDate`, `time` a `PlainTime` and `interval` a `Duration`.
 */
export type TypePreset = 'default' | 'exact' | 'temporal'

/** The readers of a preset by OID; a type that is missing is read as text. */
export function presetReaders(preset: TypePreset): ReadonlyMap<number, ReadValue> {
  const readers = new Map(common)
  if (preset === 'exact') {
    readers.set(oid.timestamptz, readIsoText)
    return readers
  }
  readers.set(oid.json, readJson).set(oid.jsonb, readJson)
  if (preset === 'default') {
    return readers.set(oid.timestamptz, readDate).set(oid.interval, readInterval)
  }
  for (const [name, read] of Object.entries(temporalReaders())) {
    readers.set(oid[name as keyof ReturnType<typeof temporalReaders>], read)
  }
  return readers
}

const common: ReadonlyMap<number, ReadValue> = new Map<number, ReadValue>([
  [oid.bool, readBoolean],
  [oid.bytea, readBytes],
  [oid.int2, readInteger],
  [oid.int4, readInteger],
  [oid.oid, readInteger],
  [oid.int8, readBigInt],
  [oid.float4, readFloat],
  [oid.float8, readFloat],
  [oid.numeric, readAscii],
  [oid.uuid, readAscii],
  [oid.date, readIsoText],
  [oid.timestamp, readIsoText],
])
