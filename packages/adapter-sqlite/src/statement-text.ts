import type { ParameterPlan } from './parameter-plan.ts'

/**
 * What a statement does, as far as it matters here.
 *
 * - `read`: SELECT, VALUES, EXPLAIN; running it twice makes no difference.
 * - `write`: INSERT, REPLACE, UPDATE, DELETE.
 * - `transaction`: BEGIN, COMMIT, END, ROLLBACK, SAVEPOINT, RELEASE.
 * - `pragma`: PRAGMA. SQLite carries out many of them while it compiles them.
 * - `schema`: everything else: CREATE, ALTER, DROP, ATTACH, VACUUM, and what is new to this list.
 */
export type Effect = 'read' | 'write' | 'transaction' | 'pragma' | 'schema'

/** One statement, understood from its text alone. */
export interface StatementText {
  /** The statement without the semicolons and comments around it. */
  readonly sql: string
  readonly effect: Effect
  /** The first keyword, or the main one behind WITH: `SELECT`, `INSERT`; for DDL the first two. */
  readonly command: string
  readonly parameters: ParameterPlan
  /** Whether the columns' names may change with the schema: it has a `*`, or names the rowid. */
  readonly columnsFollowSchema: boolean
  /** The table of an INSERT that cannot turn into an update. */
  readonly insertsInto: InsertTarget | undefined
  /** What it changes in the session by its very kind; a PRAGMA has to be looked at. */
  readonly sessionChange: 'attach' | 'temp' | undefined
  readonly pragma: Pragma | undefined
}

/** The table of an INSERT, as it is named there. */
export interface InsertTarget {
  readonly schema: string | undefined
  readonly table: string
}

/** A PRAGMA statement: its name in lower case, and whether it has a value. */
export interface Pragma {
  readonly schema: string | undefined
  readonly name: string
  readonly hasValue: boolean
}
