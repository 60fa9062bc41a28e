import type { Column, Notice, Request, Result, RowShape } from '@mortise/core/adapter'
import { type ResultDecoder, resolveColumns, type StatementHandle } from './statement-handle.ts'
import { MalformedCompositeError } from './types/read-composite.ts'
import type { TypeReaders } from './types/type-readers.ts'
import type { Exchange, ReadyStatus } from './wire/channel.ts'
import { readRowDescription } from './wire/row-description.ts'
import { type ErrorFields, ServerError } from './wire/server-error.ts'

const none: readonly Column[] = Object.freeze([])

/** What a call needs of its connection while it runs. */
export interface CallSite {
  readonly codegen: boolean
  /** The readers of raw values for a call's options. */
  readers(options: unknown): TypeReaders
  /** Looks up types in the catalogue, behind the calls that were sent. */
  lookUpTypes(oids: readonly number[]): Promise<void>
  /** What was looked up before is no longer so. */
  forgetTypes(): void
  /** Notices that came since this call was sent, taken. */
  takeNotices(): readonly Notice[] | undefined
  /** A call is over. `sessionChanged`: a parameter of the session changed meanwhile. */
  over(status: ReadyStatus): { readonly sessionChanged: boolean }
}

/** The answer to one execution: takes its messages and makes its result. */
export class CallExchange implements Exchange {
  readonly promise: Promise<Result>
  readonly #site: CallSite
  readonly #request: Request
  readonly #handle: StatementHandle
  readonly #rows: unknown[] = []
  #resolve!: (result: Result) => void
  #reject!: (error: unknown) => void
  #decoder: ResultDecoder | undefined
  #tag: string | undefined
  #error: unknown

  constructor(site: CallSite, request: Request, handle: StatementHandle) {
    this.#site = site
    this.#request = request
    this.#handle = handle
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  message(type: number, buffer: Buffer, start: number, end: number): void {
    switch (type) {
      case 0x44: // DataRow
        if (this.#error !== undefined) return
        try {
          this.#decoder ??= this.#handle.decoder(this.#shape, this.#readers, this.#site.codegen)
          this.#rows.push(this.#decoder.decode(buffer, start, end))
        } catch (error) {
          if (error instanceof MalformedCompositeError) this.#site.forgetTypes()
          // The rest of the rows still has to be read past.
          this.#error = error
        }
        return
      case 0x54: // RowDescription
        this.#handle.describe(readRowDescription(buffer, start, end))
        return
      case 0x6e: // NoData
        this.#handle.describe(null)
        return
      case 0x43: // CommandComplete
        this.#tag = buffer.toString('latin1', start, end - 1)
        return
      case 0x31: // ParseComplete
        this.#handle.parsed = true
        return
      case 0x32: // BindComplete
      case 0x33: // CloseComplete
      case 0x49: // EmptyQueryResponse
      case 0x73: // PortalSuspended
        return
    }
    throw new Error(
      `the server answered a statement with "${String.fromCharCode(type)}", which this driver does not expect there`,
    )
  }

  error(fields: ErrorFields): void {
    if (this.#error !== undefined) return
    const error = new ServerError(fields)
    this.#error = this.#handle.failed(error) ?? error
    const { statement } = this.#request
    // What was never prepared is not to be cached.
    if (!this.#handle.parsed && statement?.handle === this.#handle) statement.handle = undefined
  }

  ready(status: ReadyStatus): void {
    const { sessionChanged } = this.#site.over(status)
    const notices = this.#site.takeNotices()
    if (this.#error !== undefined) {
      this.#reject(this.#error)
      return
    }
    const { fields } = this.#handle
    const command = this.#tag
    const result: Result = {
      columns: fields ?? none,
      rows: this.#rows as object[],
      shaped: this.#shape !== undefined,
      affected: affectedOf(command),
      command: command === undefined ? undefined : wordOf(command),
      notices,
      sessionChanged,
    }
    const unresolved = this.#decoder?.unresolved
    if (unresolved === undefined || unresolved.length === 0) this.#resolve(result)
    else this.#afterLookUp(result, unresolved)
  }

  /** The first result with a type that the driver has not met waits until the type is known. */
  #afterLookUp(result: Result, unresolved: readonly number[]): void {
    const fields = this.#handle.fields ?? []
    const readers = this.#readers
    this.#site
      .lookUpTypes(unresolved.map((column) => fields[column]?.typeOid ?? 0))
      .then(() => resolveColumns(this.#rows as unknown[][], fields, unresolved, readers))
      .then(() => this.#resolve(result), this.#reject)
  }

  get #readers(): TypeReaders {
    return this.#site.readers(this.#request.options)
  }

  lost(error: unknown): void {
    this.#reject(this.#error ?? error)
  }

  /** The shape, where the result has its columns. */
  get #shape(): RowShape | undefined {
    const { shape } = this.#request
    return shape !== undefined && shape.columns.length === this.#handle.fields?.length
      ? shape
      : undefined
  }
}

/** `INSERT 0 5` → 5, `SELECT 3` → null: rows that were read are not rows that were written. */
function affectedOf(tag: string | undefined): number | null {
  if (tag === undefined || tag.startsWith('SELECT')) return null
  const space = tag.lastIndexOf(' ')
  if (space < 0) return null
  const count = Number(tag.slice(space + 1))
  return Number.isSafeInteger(count) ? count : null
}

/** The tag without its numbers. */
function wordOf(tag: string): string {
  return tag.replace(/(?: \d+)+$/, '')
}
