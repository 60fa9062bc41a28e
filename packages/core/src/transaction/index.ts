export { ScopeContext } from './context.ts'
export { mayRetry, once, parseRetry, type RetryPolicy, retryDelayMs } from './retry.ts'
export { Scope, type ScopeKind } from './scope.ts'
export { runCheckout, runTransaction, type TransactionRuntime } from './transaction.ts'
