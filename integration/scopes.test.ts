import { AsyncLocalStorage } from 'node:async_hooks'
import { sqlite } from '@mortise/adapter-sqlite'
import { createRepo, defineTable, MisuseError, type Repo, RollbackError, t } from '@mortise/core'
import type { Adapter, Connection } from '@mortise/core/adapter'
import fc from 'fast-check'
import { expect, it } from 'vitest'

/**
 * Random trees of transactions against a model: whatever nests, races, fails, is swallowed, is
 * forgotten or comes late, the rows that are there afterwards are the model's.
 */

const rows = defineTable('rows', { id: t.integer({ primaryKey: true }) })

type Via = 'repo' | 'handle'

type Step =
  | { readonly kind: 'insert'; readonly via: Via; readonly awaited: boolean }
  /** A statement that the database refuses. */
  | {
      readonly kind: 'fail'
      readonly via: Via
      readonly caught: boolean
      readonly awaited: boolean
    }
  /** A mistake that is found before anything is sent. */
  | { readonly kind: 'misuse'; readonly caught: boolean }
  | {
      readonly kind: 'nested'
      readonly caught: boolean
      readonly awaited: boolean
      readonly body: Body
    }
  | { readonly kind: 'together'; readonly branches: readonly (readonly Step[])[] }
  | { readonly kind: 'checkout'; readonly steps: readonly Step[] }
  /** A call on the handle around this scope. */
  | { readonly kind: 'ancestor'; readonly caught: boolean }
  /** A nested transaction whose signal has fired before. */
  | { readonly kind: 'aborted'; readonly caught: boolean }
  /** A nested transaction whose signal fires while it waits for its turn or runs. */
  | { readonly kind: 'aborting'; readonly body: Body }
  /** A call that is made when the scope has ended. */
  | { readonly kind: 'late'; readonly via: Via }

interface Body {
  readonly steps: readonly Step[]
  readonly end: 'return' | 'throw' | 'rollback' | 'rollback swallowed'
}

class Thrown extends Error {}

// --- the model: which rows are there, and whether a body commits ---

interface ModelScope {
  failed: boolean
  readonly ids: number[]
}

class Model {
  #next = 1
  /** Ids in the order of a walk through the tree, which the run repeats. */
  readonly ids = new Map<Step, number>()

  number(body: Body): void {
    this.#numberSteps(body.steps)
  }

  #numberSteps(steps: readonly Step[]): void {
    for (const step of steps) {
      this.ids.set(step, this.#next++)
      if (step.kind === 'nested' || step.kind === 'aborting') this.#numberSteps(step.body.steps)
      if (step.kind === 'together') for (const branch of step.branches) this.#numberSteps(branch)
      if (step.kind === 'checkout') this.#numberSteps(step.steps)
    }
  }

  /** The ids that a body commits, or undefined where it does not. */
  commits(body: Body): readonly number[] | undefined {
    const scope: ModelScope = { failed: false, ids: [] }
    const threw = this.#steps(body.steps, scope)
    return threw || scope.failed || body.end !== 'return' ? undefined : scope.ids
  }

  #steps(steps: readonly Step[], scope: ModelScope): boolean {
    return steps.some((step) => this.#step(step, scope))
  }

  /** Whether the step throws out of its place. */
  #step(step: Step, scope: ModelScope): boolean {
    switch (step.kind) {
      case 'insert':
        if (scope.failed) return step.awaited
        scope.ids.push(this.ids.get(step) as number)
        return false
      case 'fail':
        scope.failed = true
        return step.awaited && !step.caught
      case 'misuse':
      case 'aborted':
        return !step.caught
      case 'ancestor':
        return !step.caught
      case 'nested': {
        const ids = scope.failed ? undefined : this.commits(step.body)
        if (ids === undefined) return step.awaited && !step.caught
        scope.ids.push(...ids)
        return false
      }
      case 'aborting':
      case 'late':
        return false
      case 'together':
        return step.branches.map((branch) => this.#steps(branch, scope)).includes(true)
      case 'checkout':
        return this.#steps(step.steps, scope)
    }
  }
}

// --- the run ---

interface Run {
  readonly repo: Repo
  readonly model: Model
  readonly late: (() => Promise<void>)[]
  readonly floating: Promise<unknown>[]
}

async function runBody(
  run: Run,
  body: Body,
  handle: Repo,
  parent: Repo | undefined,
): Promise<void> {
  await runSteps(run, body.steps, handle, parent)
  if (body.end === 'throw') throw new Thrown()
  if (body.end === 'rollback') handle.rollback('value')
  if (body.end === 'rollback swallowed') {
    try {
      run.repo.rollback('value')
    } catch {}
  }
}

async function runSteps(
  run: Run,
  steps: readonly Step[],
  handle: Repo,
  parent: Repo | undefined,
): Promise<void> {
  for (const step of steps) await runStep(run, step, handle, parent)
}

async function runStep(
  run: Run,
  step: Step,
  handle: Repo,
  parent: Repo | undefined,
): Promise<void> {
  const id = run.model.ids.get(step) as number
  const via = (name: Via): Repo => (name === 'repo' ? run.repo : handle)
  switch (step.kind) {
    case 'insert': {
      const done = via(step.via).insert(rows, { id }, { returning: false })
      if (step.awaited) await done
      else done.catch(() => {})
      return
    }
    case 'fail': {
      const done = via(step.via).insert(rows, { id: 0 })
      if (!step.awaited) done.catch(() => {})
      else if (step.caught) await done.catch(() => {})
      else await done
      return
    }
    case 'misuse':
      return await swallow(step.caught, handle.insert(rows, { id: 0.5 }))
    case 'aborted': {
      const done = handle.transaction(() => expect.fail('an aborted transaction ran'), {
        signal: AbortSignal.abort(),
      })
      await expect(done).rejects.toMatchObject({ code: 'ABORTED' })
      if (!step.caught) throw new Thrown()
      return
    }
    case 'aborting': {
      const controller = new AbortController()
      const done = handle.transaction(
        async (tx) => {
          await runBody(run, { ...step.body, end: 'return' }, tx, handle).catch(() => {})
          controller.abort()
          await new Promise(() => {})
        },
        { signal: controller.signal },
      )
      // It never commits: it was aborted before its end, or its turn never came.
      await done.then(
        () => expect.fail('an aborted transaction committed'),
        () => {},
      )
      return
    }
    case 'ancestor': {
      if (parent === undefined) {
        if (!step.caught) throw new Thrown()
        return
      }
      await expect(parent.insert(rows, { id })).rejects.toMatchObject({
        code: 'SCOPE_CHILD_OPEN',
      })
      if (!step.caught) throw new Thrown()
      return
    }
    case 'nested': {
      const done = handle.transaction((tx) => runBody(run, step.body, tx, handle))
      if (step.awaited) return await swallow(step.caught, done)
      run.floating.push(
        done.catch((error: unknown) => {
          if (error instanceof Error && error.name === 'AssertionError') throw error
        }),
      )
      return
    }
    case 'together': {
      const outcomes = await Promise.allSettled(
        step.branches.map((branch) => runSteps(run, branch, handle, parent)),
      )
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
      return
    }
    case 'checkout':
      return await handle.checkout((same) => runSteps(run, step.steps, same, parent))
    case 'late': {
      const call = AsyncLocalStorage.bind(async () => {
        const done = via(step.via).insert(rows, { id })
        await expect(done).rejects.toMatchObject({ code: 'SCOPE_ENDED' })
      })
      run.late.push(call)
    }
  }
}

async function swallow(caught: boolean, done: Promise<unknown>): Promise<void> {
  if (caught) await done.catch(() => {})
  else await done
}

// --- the trees ---

const viaArbitrary = fc.constantFrom<Via>('repo', 'handle')
const kind = <K extends Step['kind']>(name: K) => fc.constant(name)

const leaf: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: kind('insert'), via: viaArbitrary, awaited: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('fail'),
      via: viaArbitrary,
      caught: fc.boolean(),
      awaited: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('misuse'), caught: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('ancestor'), caught: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('aborted'), caught: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('late'), via: viaArbitrary }) },
)

const trees = fc.letrec<{ step: Step; body: Body }>((tie) => ({
  step: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    { weight: 4, arbitrary: leaf },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: kind('nested'),
        caught: fc.boolean(),
        awaited: fc.boolean(),
        body: tie('body'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind('together'),
        branches: fc.array(fc.array(tie('step'), { maxLength: 3 }), { maxLength: 3 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: kind('checkout'),
        steps: fc.array(tie('step'), { maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: kind('aborting'), body: tie('body') }) },
  ),
  body: fc.record({
    steps: fc.array(tie('step'), { maxLength: 5 }),
    end: fc.oneof(
      { weight: 5, arbitrary: fc.constant<Body['end']>('return') },
      {
        weight: 2,
        arbitrary: fc.constantFrom<Body['end']>('throw', 'rollback', 'rollback swallowed'),
      },
    ),
  }),
}))

// --- the databases ---

/** The same database behind a driver that answers later, several calls in flight. */
function later(adapter: Adapter, pipelining: number): Adapter {
  const delay = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    ...adapter,
    capabilities: { ...adapter.capabilities, pipelining },
    async connect(context) {
      const connection = await adapter.connect(context)
      let last: Promise<unknown> = Promise.resolve()
      const slow: Connection = {
        execute(request) {
          const result = last.then(delay).then(() => connection.execute(request))
          last = result.catch(() => {})
          return result
        },
        close: () => connection.close(),
      }
      return slow
    },
  }
}

const databases: readonly (readonly [string, () => Adapter])[] = [
  ['answering at once', () => sqlite(':memory:')],
  ['answering later', () => later(sqlite(':memory:'), 1)],
  ['answering later, four in flight', () => later(sqlite(':memory:'), 4)],
]

it.each(databases)('the committed rows match the model, %s', async (_name, adapter) => {
  await fc.assert(
    fc.asyncProperty(trees.body, async (body) => {
      await using repo: Repo = createRepo({ adapter: adapter(), timeoutMs: 5000 })
      await repo.query('create table rows (id integer primary key)')
      await repo.insert(rows, { id: 0 })
      const model = new Model()
      model.number(body)
      const run: Run = { repo, model, late: [], floating: [] }
      const outcome = await repo
        .transaction((tx) => runBody(run, body, tx, undefined))
        .then(
          () => 'committed',
          (error: unknown) => {
            if (error instanceof Error && error.name === 'AssertionError') throw error
            if (error instanceof MisuseError) throw error
            if (body.end === 'rollback' && error instanceof RollbackError) {
              expect(error.value).toBe('value')
            }
            return 'rolled back'
          },
        )
      await Promise.all(run.floating)
      for (const late of run.late) await late()
      const expected = model.commits(body)
      expect(outcome).toBe(expected === undefined ? 'rolled back' : 'committed')
      const stored = (await repo.all(rows, { orderBy: 'id' })).map(({ id }) => id)
      expect(stored).toEqual([0, ...(expected ?? [])].sort((a, b) => a - b))
      expect(repo.stats().pool).toMatchObject({ inUse: 0, waiting: 0 })
      expect(repo.inTransaction()).toBe(false)
    }),
    { numRuns: 300 },
  )
})
