export { type ObservedAdapter, observeAdapter } from './observed-adapter.ts'
export type { ConnectionRecord } from './observed-connection.ts'
export { Trace, type TraceEntry } from './trace.ts'
