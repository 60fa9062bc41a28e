/** What stands in a {@link WaiterQueue}; the links are the queue's own. */
export interface Queued<T> {
  queuedIn: object | undefined
  previous: T | undefined
  next: T | undefined
}

/**
 * First come, first served; anybody may leave from the middle at no cost. An entry stands in one
 * queue at most.
 */
export class WaiterQueue<T extends Queued<T>> {
  #first: T | undefined
  #last: T | undefined
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Who came first, still in the queue. */
  get first(): T | undefined {
    return this.#first
  }

  push(entry: T): void {
    entry.queuedIn = this
    entry.previous = this.#last
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
    this.#length++
  }

  shift(): T | undefined {
    const entry = this.#first
    if (entry !== undefined) this.remove(entry)
    return entry
  }

  /** Whether the entry was in this queue and is out of it now. */
  remove(entry: T): boolean {
    if (entry.queuedIn !== this) return false
    if (entry.previous === undefined) this.#first = entry.next
    else entry.previous.next = entry.next
    if (entry.next === undefined) this.#last = entry.previous
    else entry.next.previous = entry.previous
    entry.queuedIn = undefined
    entry.previous = undefined
    entry.next = undefined
    this.#length--
    return true
  }
}
