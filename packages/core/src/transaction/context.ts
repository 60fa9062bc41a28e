import { AsyncLocalStorage } from 'node:async_hooks'
import { TransactionError } from '../errors/index.ts'
import type { Scope } from './scope.ts'

/** Which scope a piece of asynchronous work is in. One for each repo. */
export class ScopeContext {
  readonly #storage = new AsyncLocalStorage<Scope | undefined>()

  /** Runs `fn` in a scope, or outside all of them. */
  run<T>(scope: Scope | undefined, fn: () => T): T {
    return this.#storage.run(scope, fn)
  }

  /**
   * The scope that a call belongs to: that of the handle it was made on, or the one around it;
   * undefined where it takes a connection of its own.
   *
   * @throws TransactionError `SCOPE_CHILD_OPEN` for a call on an outer scope's handle from inside
   * an open inner one: it would wait for itself.
   */
  resolve(bound: Scope | undefined): Scope | undefined {
    if (bound === undefined) return this.#storage.getStore()
    if (!this.isInside(bound)) return bound
    throw new TransactionError(
      'SCOPE_CHILD_OPEN',
      'this call is on the handle of an outer transaction, from inside a nested one, and would wait for itself; use the nested handle (or repo itself), or repo.outside()',
    )
  }

  /** Whether this is inside an open child of `scope`, so that `scope` waits for it to end. */
  isInside(scope: Scope): boolean {
    let open = this.#storage.getStore()
    while (open !== undefined && open.state === 'ended') open = open.parent
    return open !== undefined && open !== scope && open.isWithin(scope)
  }
}
