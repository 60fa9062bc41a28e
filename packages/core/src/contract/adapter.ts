import type { ErrorDescription } from '../errors/index.ts'
import type { BulkLoad, Inspect, MigrationLock, Storage } from './administration.ts'
import type { Capabilities } from './capabilities.ts'
import type { ConnectContext, Connection } from './connection.ts'
import type { Dialect } from './dialect.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { TypeTable } from './type-table.ts'

/**
 * What connections an application may open.
 *
 * - `pool`: any number, all alike.
 * - `writer-readers`: one that writes and any number that only read (a SQLite file).
 * - `single`: exactly one, because each would be a database of its own (`:memory:`).
 * - `stateless`: any number and none holds a session (a database over HTTP).
 */
export type Topology = 'pool' | 'writer-readers' | 'single' | 'stateless'

declare const optionType: unique symbol

/** Throws a `MisuseError` for a value that one call option does not take. */
export interface OptionCheck<T> {
  (value: unknown): void
  /** What the option takes, as a type; there is nothing at run time. */
  readonly [optionType]?: T
}

/**
 * A database, as an adapter brings it: a driver (`connect`), a dialect and a manifest
 * (`capabilities`), each replaceable.
 *
 * `CallOptions` are the options that a call may take on this database only.
 */
export interface Adapter<CallOptions extends object = Record<never, never>> {
  /** The package's or database's short name, for messages and telemetry. */
  readonly name: string
  readonly capabilities: Capabilities
  readonly dialect: Dialect
  readonly types: TypeTable
  readonly topology: Topology
  /** Opens one session. A failure is thrown as it is; core classifies it and backs off. */
  connect(context: ConnectContext): MaybePromise<Connection>
  /**
   * What a native error means. It gets whatever `connect` or a connection's method threw, and
   * answers `undefined` for what is not the database's: such an error reaches the caller as it is
   * and the connection is discarded.
   */
  classifyError(error: unknown): ErrorDescription | undefined
  /**
   * The names of the call options and a check of each. A name that is not here is refused.
   * Default: none.
   */
  readonly callOptions?: {
    readonly [name in keyof CallOptions]-?: OptionCheck<CallOptions[name]>
  }
  /** The migration locks by name; the same names as `capabilities.migrationLocks`. */
  readonly migrationLocks?: { readonly [name: string]: MigrationLock }
  /** Only where the database itself can be created and dropped. */
  readonly storage?: Storage
  /** Introspection, where the adapter has it. */
  readonly inspect?: Inspect
  /** A faster road than INSERT for many rows, where the database has one. */
  readonly bulkLoad?: BulkLoad
}

/** What an adapter's own call options take, by name; `{}` where it has none. A call may leave out any. */
export type CallOptionsOf<A> = A extends { readonly callOptions?: infer Checks }
  ? { readonly [K in keyof NonNullable<Checks>]: TypeOfOption<NonNullable<Checks>[K]> }
  : never

type TypeOfOption<Check> = Check extends OptionCheck<infer T> ? Exclude<T, undefined> : never
