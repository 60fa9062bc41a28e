/**
 * A span of time, as PostgreSQL holds it: three numbers that do not turn into each other, because a
 * month has no fixed number of days, nor a day of hours.
 */
export class PostgresInterval {
  readonly months: number
  readonly days: number
  readonly microseconds: bigint

  constructor(parts: {
    readonly months?: number
    readonly days?: number
    readonly microseconds?: bigint
  }) {
    this.months = parts.months ?? 0
    this.days = parts.days ?? 0
    this.microseconds = parts.microseconds ?? 0n
    Object.freeze(this)
  }

  /** Text that the server reads as this interval, whatever its IntervalStyle: a parameter's value. */
  toString(): string {
    // Every field with its sign: in the style sql_standard one sign alone counts for all of them.
    return `${signed(this.months)} mons ${signed(this.days)} days ${signed(this.microseconds)} microseconds`
  }

  toJSON(): string {
    return this.toString()
  }
}

function signed(value: number | bigint): string {
  return value < 0 ? String(value) : `+${value}`
}
