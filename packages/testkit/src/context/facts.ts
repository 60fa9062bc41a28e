import type { Adapter, Connection } from '@mortise/core/adapter'

/** The members of a connection that an author may leave out. */
export const optionalMembers = [
  'executeBatch',
  'executeScript',
  'stream',
  'deallocate',
  'cancel',
  'reset',
  'ping',
  'control',
  'transactionStatus',
] as const satisfies readonly (keyof Connection)[]

/** One of {@link optionalMembers}. */
export type OptionalMember = (typeof optionalMembers)[number]

/**
 * What decides whether a rule applies: what the adapter itself declares, and what the fixture can
 * lend. Never an option of the run.
 */
export interface Facts {
  readonly adapter: Adapter
  /** The optional members that its connections have. */
  readonly members: ReadonlySet<OptionalMember>
  /** Whether the fixture lends a second connection that is not the adapter's. */
  readonly reference: boolean
  /** The schemas that the fixture names besides the connection's own. */
  readonly prefixes: readonly string[]
}
