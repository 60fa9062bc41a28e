export {
  type ConnectionFate,
  DatabaseError,
  type ErrorDescription,
  type ErrorKind,
} from './database-error.ts'
export { MisuseError, MortiseError } from './mortise-error.ts'
export {
  AbortError,
  AdapterError,
  CardinalityError,
  PoolError,
  RollbackError,
  TimeoutError,
  TransactionError,
  UnsupportedError,
  ValueError,
} from './outcome-errors.ts'
