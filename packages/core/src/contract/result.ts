/** One column of a result. */
export interface Column {
  readonly name: string
  /** The database's name or number of the column's type, where the driver knows it. */
  readonly type?: string | undefined
}

/** A message that the server sent beside the answer: PostgreSQL's NOTICE and WARNING, for example. */
export interface Notice {
  /** Upper case, not localised: `DEBUG`, `INFO`, `NOTICE`, `WARNING`. */
  readonly severity: string
  readonly code?: string | undefined
  readonly message: string
  readonly detail?: string | undefined
  readonly hint?: string | undefined
}

/**
 * What a driver answers.
 *
 * `rows` are arrays of values in the order of `columns`; core builds the objects. A driver that
 * decodes straight into `request.shape` gives objects and sets `shaped`.
 */
export interface Result {
  /** In select order; `[]` for a statement without rows. Names may repeat here. */
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly unknown[])[] | readonly object[]
  /** True when `rows` are finished objects of `request.shape`. Default false: arrays. */
  readonly shaped?: boolean
  /**
   * Rows that the statement wrote (counted as the manifest's `affected` says), or null where the
   * statement does not count or the database does not tell. 0 for DDL is a lie: give null.
   */
  readonly affected: number | null
  /** The id that the database made for the last inserted row, where it tells. */
  readonly lastInsertId?: number | bigint | undefined
  /** The first words of the server's command tag, upper case: `INSERT`, `COMMIT`, `ROLLBACK`. */
  readonly command?: string | undefined
  readonly notices?: readonly Notice[] | undefined
  /** True when the statement changed session state, so that the connection must be reset before it is lent again. */
  readonly sessionChanged?: boolean | undefined
  /** The next result of a script. */
  readonly next?: Result | undefined
}
