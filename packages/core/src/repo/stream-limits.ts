import { TimeoutError } from '../errors/index.ts'
import { systemClock } from '../pool/index.ts'
import { aborted, type Call, throwIfAborted } from '../query/index.ts'

/** How long a stream keeps the event loop before signals and other work get their turn. */
const turnMs = 10

/** The limits of one stream, over all its batches: they are the call's own. */
export class StreamLimits {
  readonly #call: Call
  #turnAt = systemClock.now() + turnMs

  constructor(call: Call) {
    this.#call = call
  }

  /**
   * To be asked between two batches. A driver that answers at once never lets the event loop turn,
   * so that without this no signal could fire and no timer end the stream.
   */
  async check(): Promise<void> {
    const { signal, deadline } = this.#call
    if (systemClock.now() >= this.#turnAt) {
      await new Promise((resolve) => setImmediate(resolve))
      this.#turnAt = systemClock.now() + turnMs
    }
    throwIfAborted(signal)
    if (deadline !== undefined && systemClock.now() >= deadline) throw this.#late()
  }

  /** Waits for the next batch; rejects as soon as the signal fires or the deadline has passed. */
  async within<T>(next: Promise<T>): Promise<T> {
    const { signal, deadline } = this.#call
    if (signal === undefined && deadline === undefined) return await next
    return await new Promise<T>((resolve, reject) => {
      const end = (): void => {
        systemClock.clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => {
        end()
        reject(aborted(signal as AbortSignal))
      }
      const timer =
        deadline === undefined || deadline === Number.POSITIVE_INFINITY
          ? undefined
          : systemClock.setTimeout(
              () => {
                end()
                reject(this.#late())
              },
              Math.max(0, deadline - systemClock.now()),
            )
      signal?.addEventListener('abort', onAbort, { once: true })
      next.then(
        (value) => {
          end()
          resolve(value)
        },
        (error) => {
          end()
          reject(error)
        },
      )
    })
  }

  #late(): TimeoutError {
    return new TimeoutError(
      'execute',
      `the stream was still running after timeoutMs (${this.#call.timeoutMs})`,
    )
  }
}
