import type { LogicalType } from '../../contract/index.ts'
import { MisuseError } from '../../errors/index.ts'
import type { ValueForm } from '../values/index.ts'
import {
  type ColumnBuilder,
  type ColumnSettings,
  columnMark,
  type Generated,
  noDefault,
} from './column.ts'

/** The names of the options that every column takes. */
export const commonOptions: readonly string[] = Object.freeze([
  'source',
  'primaryKey',
  'nullable',
  'default',
  'dbDefault',
  'generated',
])

/** What a builder makes of its options: the type, its form, and which options there are. */
export interface ColumnPlan {
  readonly type: LogicalType
  readonly form?: ValueForm | undefined
  /** The names that its options may have. */
  readonly takes: readonly string[]
  /** Settings that no option can change. */
  readonly fixed?: Partial<ColumnSettings>
}

/**
 * A column, its options checked. Which TypeScript types it stands for, its signature tells.
 *
 * @throws MisuseError `UNKNOWN_OPTION`, `OPTION_INVALID`, `COLUMN_DEFAULT`, `COLUMN_NULLABLE_KEY`
 */
export function buildColumn(
  { type, form, takes, fixed }: ColumnPlan,
  options: object = {},
): ColumnBuilder<never, never, never, never, never> {
  for (const key of Object.keys(options)) {
    if (!takes.includes(key)) {
      throw new MisuseError(
        'UNKNOWN_OPTION',
        `a column of the type ${type.name} has no option "${key}"; it takes ${takes.join(', ')}`,
      )
    }
  }
  const chosen: Partial<ColumnSettings> = { ...options, ...fixed }
  const settings: ColumnSettings = Object.freeze({
    type: Object.freeze(type),
    form,
    source: sourceOf(chosen.source),
    primaryKey: flag('primaryKey', chosen.primaryKey),
    nullable: flag('nullable', chosen.nullable),
    default: chosen.default !== undefined ? chosen.default : noDefault,
    dbDefault: flag('dbDefault', chosen.dbDefault),
    generated: generatedOf(chosen.generated),
  })
  if (settings.default !== noDefault && (settings.dbDefault || settings.generated === 'always')) {
    throw new MisuseError(
      'COLUMN_DEFAULT',
      'a column takes default (sent by us) or dbDefault / generated (left to the database), not both',
    )
  }
  if (settings.primaryKey && settings.nullable) {
    throw new MisuseError('COLUMN_NULLABLE_KEY', 'a primary key column cannot be nullable')
  }
  return Object.freeze({ settings })
}

/** Whether a value is a column that `t` made. */
export function isBuilder(value: unknown): value is ColumnBuilder {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { settings?: unknown }).settings === 'object' &&
    !(columnMark in value)
  )
}

function flag(name: string, value: boolean | undefined): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false
  throw new MisuseError('OPTION_INVALID', `${name} takes true or false`)
}

function sourceOf(value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw new MisuseError('OPTION_INVALID', 'source takes the name of a column')
}

function generatedOf(value: Generated | undefined): Generated | undefined {
  if (value === undefined || value === 'always' || value === 'byDefault') return value
  throw new MisuseError('OPTION_INVALID', "generated takes 'always' or 'byDefault'")
}
