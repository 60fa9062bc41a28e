import type { Notice, Request, Result } from '@mortise/core/adapter'
import { compileReader, type Prepared, type RowReader } from './prepared.ts'
import { type ErrorFields, type Field, type Message, PostgresError } from './wire.ts'

const sessionTags = new Set(['SET', 'RESET', 'DISCARD ALL', 'LISTEN', 'UNLISTEN', 'LOAD'])

/** One call between its last byte sent and its ReadyForQuery. */
export class InFlight {
  readonly request: Request
  readonly prepared: Prepared | undefined
  /** Whether this call's messages prepare the statement. */
  readonly prepares: boolean
  /** ParseComplete messages to come, that of its own statement last. */
  parses = 0
  /** Set while a cancel request for it is under way. */
  cancelling = false
  readonly answer: Promise<Result>
  #resolve: (result: Result) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  readonly #rows: unknown[] = []
  readonly #notices: Notice[] = []
  #fields: readonly Field[] | undefined
  #read: RowReader | undefined
  #tag: string | undefined
  #sessionChanged = false
  #error: unknown

  constructor(request: Request, prepared: Prepared | undefined, prepares: boolean) {
    this.request = request
    this.prepared = prepared
    this.prepares = prepares
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // A hit sends no Describe: the rows have the cached fields, or the server raises 0A000.
    if (prepared?.fields !== undefined) this.#describe(prepared.fields)
  }

  /** `cancelUnderWay`: a cancel request was sent and not dealt with, for this call or another. */
  take(message: Message, cancelUnderWay: boolean): void {
    switch (message.type) {
      case 'parseComplete':
        this.parses--
        break
      case 'rowDescription':
        this.#describe(message.fields)
        break
      case 'dataRow':
        this.#row(message.frame)
        break
      case 'commandComplete':
        this.#tag = message.tag
        if (sessionTags.has(message.tag)) this.#sessionChanged = true
        break
      case 'parameterStatus':
        this.#sessionChanged = true
        break
      case 'notice':
        this.#notices.push(message.notice)
        break
      case 'error':
        this.#fail(message.fields, cancelUnderWay && !this.cancelling)
        break
    }
  }

  /** Answers the caller. Called at ReadyForQuery: whatever happened, the answer was read whole. */
  settle(): void {
    if (this.#error !== undefined) this.#reject(this.#error)
    else this.#resolve(this.#result())
  }

  lose(error: unknown): void {
    this.#reject(error)
  }

  #describe(fields: readonly Field[]): void {
    const { shape } = this.request
    this.#fields = fields
    this.#read = this.prepared?.reader(fields, shape) ?? compileReader(fields, shape)
  }

  /** A value that does not fit its type is this call's error; the rows behind it are read over. */
  #row(frame: Uint8Array): void {
    if (this.#error !== undefined || this.#read === undefined) return
    try {
      this.#rows.push(this.#read(frame))
    } catch (error) {
      this.#error = error
    }
  }

  #fail(fields: ErrorFields, besideCancel: boolean): void {
    const failure = new PostgresError(fields, besideCancel && fields.code === '57014')
    if (this.prepares && this.parses > 0 && this.prepared && this.request.statement) {
      // It was not prepared: the next call sends Parse again, those behind are told why.
      this.prepared.failure = failure
      this.request.statement.handle = undefined
    }
    this.#error = fields.code === '26000' ? (this.prepared?.failure ?? failure) : failure
  }

  #result(): Result {
    const [command, ...counts] = (this.#tag ?? '').split(' ')
    return {
      columns: this.#fields ?? [],
      rows: this.#rows as object[],
      shaped: this.request.shape !== undefined,
      affected: command === 'SELECT' || counts.length === 0 ? null : Number(counts.at(-1)),
      command,
      ...(this.#notices.length > 0 && { notices: this.#notices }),
      ...(this.#sessionChanged && { sessionChanged: true }),
    }
  }
}
