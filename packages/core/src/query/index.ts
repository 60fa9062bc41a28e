export { aborted, type Call, CallParser, checkTimeout, throwIfAborted } from './call.ts'
export type { Channel, TransactionChannel } from './channel.ts'
export { Connections, checkin, type Session, type SessionLease } from './connections.ts'
export { control } from './control.ts'
export { type Answer, Executor } from './executor.ts'
export { type Limits, msLeft, raised, withinLimits } from './limits.ts'
export { checkParameterCount, ParameterEncoder } from './parameters.ts'
export { builtQuery, type Query, rawQuery } from './query.ts'
export {
  isName,
  isSql,
  Sql,
  SqlExpression,
  type SqlValue,
  sql,
  TypedValue,
} from './sql.ts'
export { refuseTransactionControl, SlotList, SqlCompiler } from './sql-compiler.ts'
export type { StatementCacheLimits, StatementCounters } from './statement-cache.ts'
export * from './table/index.ts'
export { type PoolEvent, type QueryEvent, Telemetry, type TransactionEvent } from './telemetry.ts'
export { transactionFailed } from './transaction-failed.ts'
export { atPlace, type JsonNull, jsonNull } from './values/index.ts'
