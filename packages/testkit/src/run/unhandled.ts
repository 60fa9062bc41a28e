/** Collects promises that are rejected while nobody listens. */
export class UnhandledRejections {
  readonly #seen: unknown[] = []
  readonly #listener = (reason: unknown): void => {
    this.#seen.push(reason)
  }

  /** Begins to collect. */
  start(): void {
    process.on('unhandledRejection', this.#listener)
  }

  stop(): void {
    process.off('unhandledRejection', this.#listener)
  }

  /** What came since it was last asked. */
  take(): readonly unknown[] {
    return this.#seen.splice(0)
  }
}
