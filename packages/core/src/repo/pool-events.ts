import type { Adapter } from '../contract/index.ts'
import type { PoolEvents } from '../pool/index.ts'
import type { Telemetry } from '../query/index.ts'

/** Publishes what a pool tells on `mortise:pool` and in the log. Connections themselves stay in. */
export function poolEvents(adapter: Adapter, telemetry: Telemetry): PoolEvents {
  const publish = (event: string, detail: object): void =>
    telemetry.pool({ adapter: adapter.name, event, ...detail })
  return {
    opened: ({ connectMs }) => publish('opened', { connectMs }),
    closed: ({ reason, openMs, error }) => publish('closed', { reason, openMs, error }),
    connectFailed: (detail) => publish('connect_failed', detail),
    shed: (detail) => publish('shed', detail),
    leak: ({ heldMs, stack }) => publish('leak', { heldMs, stack }),
    starved: (detail) => publish('starved', detail),
    notice: (notice) => publish('notice', { notice }),
  }
}
