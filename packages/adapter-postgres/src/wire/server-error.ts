/**
 * The fields of an ErrorResponse or NoticeResponse (PostgreSQL documentation, "Error and Notice
 * Message Fields").
 *
 * `detail`, `where` and `hint` may hold values of rows and parameters, so nothing shows them unless
 * it is asked to.
 */
export interface ErrorFields {
  /** Not localised: `ERROR`, `FATAL`, `PANIC`; `NOTICE`, `WARNING` and so on. */
  readonly severity: string
  /** SQLSTATE. */
  readonly code: string
  readonly message: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  /** Counts characters of the statement from 1, as the server counts them. */
  readonly position: number | undefined
  readonly where: string | undefined
  readonly schema: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly dataType: string | undefined
  readonly constraint: string | undefined
  readonly file: string | undefined
  readonly line: string | undefined
  readonly routine: string | undefined
}

/** An error that the server sent. Only its SQLSTATE, message and place are shown. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly #fields: ErrorFields

  constructor(fields: ErrorFields) {
    super(`${fields.severity} ${fields.code}: ${fields.message}`)
    this.#fields = fields
  }

  /** Everything that the server said; it may hold values of rows and parameters. */
  get fields(): ErrorFields {
    return this.#fields
  }
}

/** Reads the body of an ErrorResponse or a NoticeResponse. */
export function readErrorFields(buffer: Buffer, start: number, end: number): ErrorFields {
  const fields = new Map<string, string>()
  let offset = start
  while (offset < end && buffer[offset] !== 0) {
    const stop = buffer.indexOf(0, offset + 1)
    if (stop < 0 || stop >= end) break
    fields.set(
      String.fromCharCode(buffer[offset] as number),
      buffer.toString('utf8', offset + 1, stop),
    )
    offset = stop + 1
  }
  const position = Number(fields.get('P'))
  return {
    severity: fields.get('V') ?? fields.get('S') ?? 'ERROR',
    code: fields.get('C') ?? 'XX000',
    message: fields.get('M') ?? 'the server gave no message',
    detail: fields.get('D'),
    hint: fields.get('H'),
    position: Number.isSafeInteger(position) && position > 0 ? position : undefined,
    where: fields.get('W'),
    schema: fields.get('s'),
    table: fields.get('t'),
    column: fields.get('c'),
    dataType: fields.get('d'),
    constraint: fields.get('n'),
    file: fields.get('F'),
    line: fields.get('L'),
    routine: fields.get('R'),
  }
}
