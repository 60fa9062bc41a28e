import type { Member } from './member.ts'

/**
 * The connections that wait for work, the one given back last on top.
 *
 * The last one in goes out first: its statements and the server's caches are warm, and under little
 * load the others stay idle long enough to be closed.
 */
export class IdleConnections<S> implements Iterable<Member<S>> {
  readonly #stack: Member<S>[] = []

  get length(): number {
    return this.#stack.length
  }

  /** The one to lend next. */
  get top(): Member<S> | undefined {
    return this.#stack[this.#stack.length - 1]
  }

  pop(): Member<S> | undefined {
    return this.#stack.pop()
  }

  /** Puts a connection where its idle time belongs: on top, unless it was only away for a ping. */
  add(member: Member<S>): void {
    let place = this.#stack.length
    while (place > 0 && (this.#stack[place - 1] as Member<S>).idleSince > member.idleSince) place--
    if (place === this.#stack.length) this.#stack.push(member)
    else this.#stack.splice(place, 0, member)
  }

  remove(member: Member<S>): boolean {
    const place = this.#stack.lastIndexOf(member)
    if (place < 0) return false
    this.#stack.splice(place, 1)
    return true
  }

  /** Idle longest first. Iterates over a copy, so that connections may leave meanwhile. */
  [Symbol.iterator](): Iterator<Member<S>> {
    return [...this.#stack].values()
  }
}
