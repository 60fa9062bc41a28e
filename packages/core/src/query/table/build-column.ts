import type { LogicalType } from '../../contract/index.ts'
import { MisuseError } from '../../errors/index.ts'
import type { ValueForm } from '../values/index.ts'
import { type ColumnBuilder, type ColumnSettings, noDefault } from './column.ts'

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

/** A column, its options checked. Which TypeScript types it stands for, its signature tells. */
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
    source: chosen.source,
    primaryKey: chosen.primaryKey ?? false,
    nullable: chosen.nullable ?? false,
    default: chosen.default !== undefined ? chosen.default : noDefault,
    dbDefault: chosen.dbDefault ?? false,
    generated: chosen.generated,
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
