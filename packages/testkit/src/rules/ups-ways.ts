import type { Repo } from '@mortise/core'
import { checkEqual } from '../check/index.ts'
import type { RuleContext } from '../context/index.ts'
import { claimAt } from '../rule/index.ts'

/** One way to write a row: alone or in a list, with or without the row given back. */
export interface Way {
  readonly name: string
  readonly returning: boolean
  /** Writes the row, and gives the row that came back; undefined where none did or none was asked. */
  write(repo: Repo, table: object, values: object, options: object): Promise<object | undefined>
}

/** What the runtime's writes take when their types are no concern. */
interface UntypedWrites {
  insert(table: object, values: object, options: object): Promise<object | undefined>
  insertAll(
    table: object,
    rows: readonly object[],
    options: object,
  ): Promise<{ readonly count: number; readonly rows?: object[] }>
}

/** The ways that the adapter's manifest allows. */
export function waysOf(context: RuleContext): readonly Way[] {
  const support = claimAt(context.adapter.capabilities, 'returning.insert')
  const ways: Way[] = []
  for (const returning of support === 'absent' ? [false] : [false, true]) {
    const asked = returning ? 'with its row given back' : 'without'
    ways.push({
      name: `one row, ${asked}`,
      returning,
      write: (repo, table, values, options) =>
        (repo as unknown as UntypedWrites).insert(table, values, { ...options, returning }),
    })
    if (returning && support === 'emulated') continue
    ways.push({
      name: `a list of one row, ${asked}`,
      returning,
      write: async (repo, table, values, options) => {
        const written = await (repo as unknown as UntypedWrites).insertAll(table, [values], {
          ...options,
          returning,
        })
        if (returning) checkEqual('the rows given back', written.rows?.length, written.count)
        return written.rows?.[0]
      },
    })
  }
  return ways
}

/** Checks the row that came back, where one was asked for. */
export function checkReturned(
  what: string,
  way: Way,
  seen: object | undefined,
  expected: object | undefined,
): void {
  checkEqual(
    `${what} (${way.name}): the row given back`,
    seen,
    way.returning ? expected : undefined,
  )
}
