import { setImmediate as nextTurn } from 'node:timers/promises'

/** Where something that takes a while says what it is doing. */
export interface Progress {
  /** Begins a piece of work. */
  phase(text: string): Promise<void>
  /** How far it is. Shown on a terminal only. */
  detail(text: string): void
  /** Takes the line away, before a result is printed. */
  clear(): void
}

interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/**
 * Progress on one line of a terminal, which the next one overwrites; elsewhere (a file, a pipe) a
 * line for each phase. `phase` lets signals and timers in: work on SQLite leaves them no turn.
 */
export function progressOn(output: Output): Progress {
  const terminal = output.isTTY === true
  let current = ''
  const show = (text: string): void => {
    output.write(`\r\u001b[2K${text.slice(0, (output.columns ?? 80) - 1)}`)
  }
  return {
    async phase(text) {
      current = text
      if (terminal) show(text)
      else output.write(`${text}\n`)
      await nextTurn()
    },
    detail(text) {
      if (terminal) show(`${current}: ${text}`)
    },
    clear() {
      if (terminal) output.write('\r\u001b[2K')
    },
  }
}
