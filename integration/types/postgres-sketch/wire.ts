import type { Notice } from '@mortise/core/adapter'

/** A column as RowDescription gives it. */
export interface Field {
  readonly name: string
  readonly typeOid: number
}

/** The fields of an ErrorResponse that decide something; `message` and `detail` may hold values. */
export interface ErrorFields {
  readonly code: string
  readonly routine?: string
  readonly constraint?: string
  readonly table?: string
  readonly column?: string
}

/** What the server says, as the frame reader gives it. */
export type Message =
  | { readonly type: 'parseComplete' | 'bindComplete' | 'closeComplete' | 'noData' }
  | { readonly type: 'rowDescription'; readonly fields: readonly Field[] }
  | { readonly type: 'dataRow'; readonly frame: Uint8Array }
  | { readonly type: 'commandComplete'; readonly tag: string }
  | { readonly type: 'error'; readonly fields: ErrorFields }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'parameterStatus'; readonly name: string; readonly value: string }
  | { readonly type: 'readyForQuery'; readonly status: 'I' | 'T' | 'E' }

/** The writer of one connection. What it encodes is sent together, at the end of the tick. */
export interface Wire {
  parse(name: string, sql: string, typeOids: readonly number[]): void
  bind(statement: string, parameters: readonly unknown[]): void
  describePortal(): void
  execute(mostRows: number): void
  closeStatement(name: string): void
  sync(): void
  query(sql: string): void
  /** Where the next message begins; `backTo` forgets what was encoded since. */
  mark(): number
  backTo(mark: number): void
  terminate(): Promise<void>
  /** Sends a cancel request on a socket of its own; resolves when the server has closed it. */
  requestCancel(): Promise<void>
}

/** An ErrorResponse as the driver raises it. */
export class PostgresError extends Error {
  readonly fields: ErrorFields
  /** Whether a cancel request that was meant for another call hit this one. */
  readonly casualty: boolean

  constructor(fields: ErrorFields, casualty: boolean) {
    super(`PostgreSQL raised ${fields.code}`)
    this.fields = fields
    this.casualty = casualty
  }
}
