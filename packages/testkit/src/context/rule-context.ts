import type { Columns, Repo, RepoOptions, Table } from '@mortise/core'
import type { Adapter, ColumnDefinition, CreateTableOperation } from '@mortise/core/adapter'
import type { Caller, TestTable } from '../contract/index.ts'
import type { Reference } from '../fixture/index.ts'
import type { TableExtras } from './runtime-table.ts'

/** What a rule gets to work with. Whatever it opens or makes is closed and dropped after it. */
export interface RuleContext {
  /** The adapter under test, with every call noted. */
  readonly adapter: Adapter
  /** Fires when the rule's deadline has passed. */
  readonly signal: AbortSignal
  /** Opens a connection, straight through the adapter. */
  connect(): Promise<Caller>
  /** A name that nothing in the database has yet. */
  name(stem: string): string
  /** Describes a table with a new name. It is dropped after the rule, if it comes to be. */
  table(columns: readonly ColumnDefinition[], primaryKey?: readonly string[]): TestTable
  /** Creates a table with a new name. */
  create(
    on: Caller,
    columns: readonly ColumnDefinition[],
    parts?: Partial<CreateTableOperation>,
  ): Promise<TestTable>
  /**
   * A repo over the adapter. Default pool: one connection where the topology is single, else three;
   * no pings and no reaping behind the rule's back.
   */
  repo(settings?: Omit<RepoOptions, 'adapter'>): Repo
  /** Defines a table with a new name, as an application does. It is dropped after the rule. */
  define<const C extends Columns>(columns: C, options?: { readonly prefix?: string }): Table<C>
  /** Creates a table that `define` gave. */
  build(on: Pick<Repo, 'query'>, table: object, extras?: TableExtras): Promise<void>
  /** The schemas that the fixture names. */
  readonly prefixes: readonly string[]
  /** The fixture's second connection, which is not the adapter's; undefined where it has none. */
  readonly reference: Reference | undefined
  /** How many calls were sent to the database so far. */
  sent(): number
  /** Ends the rule as not applicable, by a fact of the database that no manifest entry states. */
  notApplicable(reason: string): never
}
