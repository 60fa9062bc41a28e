import type { LogicalType, LogicalTypeName } from '../../contract/index.ts'
import { MisuseError } from '../../errors/index.ts'

/**
 * The forms that each type may be read in; a type that is missing has one form without a name. The
 * form decides what is read. Written may be any form that says the value exactly, except for json:
 * there a string is a document's text in `text` and a JSON string in `parsed`.
 *
 * - `timestamp`: `date` (default) floors to the milliseconds that a `Date` holds; `string` is
 *   `YYYY-MM-DDTHH:MM:SS.ffffffZ`; `temporal` is a `Temporal.Instant`. The latter two are exact.
 * - `date`, `time`: `string` (default), or `Temporal.PlainDate` and `Temporal.PlainTime`.
 * - `bigint`: `bigint` (default), or `string` in decimal digits.
 * - `json`: `parsed` (default), or `text`, which keeps numbers that JavaScript cannot hold.
 */
export interface ValueForms {
  readonly timestamp: 'date' | 'string' | 'temporal'
  readonly date: 'string' | 'temporal'
  readonly time: 'string' | 'temporal'
  readonly bigint: 'bigint' | 'string'
  readonly integer: 'number'
  readonly float: 'number'
  readonly decimal: 'string'
  readonly json: 'parsed' | 'text'
}

/** A form that an application may read some type in; see {@link ValueForms}. */
export type ValueForm = ValueForms[keyof ValueForms]

const formsByType: { readonly [name in LogicalTypeName]: readonly ValueForm[] } = {
  boolean: [],
  integer: ['number'],
  bigint: ['bigint', 'string'],
  float: ['number'],
  decimal: ['string'],
  text: [],
  bytes: [],
  uuid: [],
  json: ['parsed', 'text'],
  date: ['string', 'temporal'],
  time: ['string', 'temporal'],
  timestamp: ['date', 'string', 'temporal'],
  enum: [],
  array: [],
}

/** The form that `type` is read in: `form`, checked, or the type's default. */
export function resolveForm(
  type: LogicalType,
  form: ValueForm | undefined,
  place: string | undefined,
): ValueForm | undefined {
  const forms = formsByType[type.name]
  if (form === undefined) return forms[0]
  if (forms.includes(form)) return form
  const allowed = forms.length === 0 ? 'has no forms' : `is read as ${forms.join(' or ')}`
  throw new MisuseError(
    'VALUE_FORM',
    `${place === undefined ? '' : `${place}: `}the type ${type.name} ${allowed}, not as ${form}`,
  )
}
