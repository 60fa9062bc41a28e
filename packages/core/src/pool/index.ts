export { type Clock, systemClock } from './clock.ts'
export type { Holder, LeakReport, PoolEvents, StarvationReport } from './events.ts'
export { type Fate, Lease } from './lease.ts'
export type { CloseReason } from './member.ts'
export {
  type OnConnectHandle,
  type PoolOptions,
  type PoolOptionsInput,
  type PoolRole,
  parsePoolOptions,
} from './options.ts'
export { plainRequest } from './plain-request.ts'
export { Pool, type PoolConfig, type PoolStats } from './pool.ts'
export type { Wait } from './waiter.ts'
export { type Queued, WaiterQueue } from './waiter-queue.ts'
