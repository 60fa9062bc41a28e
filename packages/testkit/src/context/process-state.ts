import { getEventListeners } from 'node:events'
import { until } from './within.ts'

/** What a process holds that a rule could leave behind. */
interface ProcessState {
  readonly listeners: number
  readonly resources: ReadonlyMap<string, number>
}

const watchedResources = ['Timeout', 'TCPSocketWrap', 'PipeWrap', 'Worker', 'ProcessWrap']

/**
 * Compares what the process holds before and after a rule: listeners on `process`, timers and
 * sockets that keep it alive, listeners on the rule's signal.
 */
export class ProcessWatch {
  readonly #before = readState()
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** What is there now that was not there before, in words; undefined where nothing is. */
  async leftover(): Promise<string | undefined> {
    await until(500, () => this.#difference() === undefined)
    return this.#difference()
  }

  #difference(): string | undefined {
    const now = readState()
    const onSignal = getEventListeners(this.#signal, 'abort').length
    if (onSignal > 0) return `${onSignal} listeners on the abort signal of a finished call`
    if (now.listeners > this.#before.listeners) {
      return `${now.listeners - this.#before.listeners} more listeners on process`
    }
    for (const [name, count] of now.resources) {
      const more = count - (this.#before.resources.get(name) ?? 0)
      if (more > 0) return `${more} more ${name} keeping the process alive`
    }
    return undefined
  }
}

function readState(): ProcessState {
  const resources = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) {
    if (watchedResources.includes(name)) resources.set(name, (resources.get(name) ?? 0) + 1)
  }
  const listeners = process
    .eventNames()
    .reduce((sum, name) => sum + process.listenerCount(name as string), 0)
  return { listeners, resources }
}
