import type { Adapter, Connection } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import { checkEqual, NotApplicable } from '../check/index.ts'
import type { Fixture } from '../fixture/index.ts'
import { catalogueOf, claims, type RuleDefinition, rule } from '../rule/index.ts'
import { tinyAdapter } from '../testing/tiny-adapter.ts'
import { runRules } from './run-rules.ts'

let next = 0
/** A rule of the self tests. */
function made(run: RuleDefinition['run'], parts: Partial<RuleDefinition> = {}) {
  return rule({
    id: `TX-${String(++next).padStart(3, '0')}`,
    title: 'it works',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'because',
    causes: ['a cause'],
    run,
    ...parts,
  })
}
const fixture: Fixture = { name: 'tiny', adapter: () => tinyAdapter() }
const passing = made(() => {})
const failing = made(() => checkEqual('it', 2, 1))

const run = (
  rules: readonly ReturnType<typeof made>[],
  options: Parameters<typeof runRules>[3] = {},
  parts: Partial<Fixture> = {},
) => runRules(catalogueOf(rules), '2026.1', { ...fixture, ...parts }, options)

describe('a run', () => {
  it('reports what passed, failed, warned and does not apply', async () => {
    const report = await run([
      passing,
      failing,
      made(() => checkEqual('it', 2, 1), { level: 'SHOULD' }),
      made(() => {}, { needs: [claims('upsert.constraint')] }),
      made(() => {
        throw new NotApplicable('the database has none')
      }),
    ])
    expect(report).toMatchObject({
      schema: 'mortise-conformance/1',
      ruleSet: '2026.1',
      adapter: { name: 'tiny', topology: 'single' },
      ok: false,
      counts: { passed: 1, failed: 1, warned: 1, waived: 0, notApplicable: 2 },
      errors: [],
    })
    expect(report.results.map(({ reason }) => reason)).toEqual([
      undefined,
      undefined,
      undefined,
      'the manifest says upsert.constraint: absent',
      'the database has none',
    ])
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  it('is ok with a broken SHOULD alone', async () => {
    const report = await run([passing, made(() => checkEqual('it', 2, 1), { level: 'SHOULD' })])
    expect(report).toMatchObject({ ok: true, counts: { warned: 1 } })
  })

  it('fills a card with everything that helps', async () => {
    const broken = made(
      async (context) => {
        const caller = await context.connect()
        await caller.text('select 1 where ? = ?', { parameters: ['secret', 2] })
        checkEqual('the answer', 'seen', 'expected')
      },
      { law: 3, causes: ['this', 'that'] },
    )
    const { results } = await run([broken], { fixtureFile: './mine.ts' })
    expect(results[0]?.failure).toMatchObject({
      rule: broken.id,
      law: { number: 3, title: 'Exactness' },
      message: 'the answer: expected "expected", seen "seen"',
      causes: ['this', 'that'],
      page: `docs/conformance/tx.md#${broken.id.toLowerCase()}`,
      rerun: `npx mortise-testkit ./mine.ts --rule ${broken.id}`,
      trace: [
        { call: 'connect' },
        { call: 'execute', sql: 'select 1 where ? = ?', parameters: ['string', 'number'] },
      ],
    })
    expect(JSON.stringify(results[0]?.failure?.trace)).not.toContain('secret')
  })

  it('goes on after a failure, or stops when asked to', async () => {
    const later = made(() => {})
    expect((await run([failing, later])).results).toHaveLength(2)
    const stopped = await run([failing, later], { untilFirstFailure: true })
    expect(stopped).toMatchObject({ notRun: [later.id], errors: [], ok: false })
  })

  it('stops after a failed step of the start tier', async () => {
    const step = made(() => checkEqual('it', 2, 1), { tier: 'start', step: 'do this' })
    const report = await run([passing, step])
    expect(report.notRun).toEqual([passing.id])
    expect(report.results[0]?.failure?.step).toEqual({ number: 1, of: 1, text: 'do this' })
  })

  it('ends a rule at its deadline', async () => {
    const stuck = made(() => new Promise(() => {}), { deadlineMs: 30 })
    const { results } = await run([stuck, made(() => {})])
    expect(results.map(({ status }) => status)).toEqual(['failed', 'passed'])
    expect(results[0]?.failure?.message).toBe('the rule: expected an end within 30 ms, seen none')
  })

  it('tells an error that the rule did not expect', async () => {
    const { results } = await run([
      made(() => {
        throw new RangeError('what?')
      }),
    ])
    expect(results[0]?.failure).toMatchObject({
      expected: 'no error',
      seen: 'RangeError: what?',
      stack: expect.arrayContaining([expect.stringContaining('run-rules.test')]),
    })
  })

  it('reports each rule as it ends', async () => {
    const seen: string[] = []
    await run([passing, failing], {
      onResult: ({ status }, { done, selected }) => seen.push(`${done}/${selected} ${status}`),
    })
    expect(seen).toEqual(['1/2 passed', '2/2 failed'])
  })

  it('says what it could not see and what was left out', async () => {
    const report = await run([passing, failing], { except: [failing.id] })
    expect(report).toMatchObject({ ok: true, leftOut: [failing.id] })
    expect(report.limits).toEqual([expect.stringMatching(/no reference connection/)])
    const reference = { query: () => [], close: () => {} }
    const seen = await run([passing], {}, { reference: () => reference })
    expect(seen.limits).toEqual([])
  })
})

describe('a run that proves nothing is never green', () => {
  it('without a database', async () => {
    const report = await run(
      [passing],
      {},
      {
        create: () => {
          throw new Error('connection refused')
        },
      },
    )
    expect(report).toMatchObject({
      ok: false,
      results: [],
      errors: ['tiny: the fixture made no database: Error: connection refused'],
    })
  })

  it('without an adapter', async () => {
    const destroyed: unknown[] = []
    const report = await run(
      [passing],
      {},
      {
        create: () => 'db',
        destroy: (database) => void destroyed.push(database),
        adapter: () => undefined as never,
      },
    )
    expect(report.ok).toBe(false)
    expect(report.errors[0]).toMatch(/made no adapter/)
    expect(destroyed).toEqual(['db'])
  })

  it('without a connection for rules that need to know the adapter', async () => {
    const report = await run(
      [made(() => {}, { needs: [claims('savepoints')] })],
      {},
      {
        adapter: () => ({
          ...tinyAdapter(),
          connect: () => {
            throw new Error('no route to host')
          },
        }),
      },
    )
    expect(report).toMatchObject({
      ok: false,
      errors: ['tiny: no connection could be opened: Error: no route to host'],
    })
  })

  it('with an adapter that is not complete enough', async () => {
    const report = await run(
      [made(() => {}, { needs: [claims('savepoints')] })],
      {},
      {
        adapter: () => ({ connect: () => ({}) }),
      },
    )
    expect(report.errors).toEqual([
      expect.stringMatching(/has no `capabilities` yet; run the start tier/),
    ])
  })

  it('with an empty selection', async () => {
    await expect(run([passing], { areas: ['BAT'] })).rejects.toThrow(/holds no rule/)
  })

  it('with no rule that applies', async () => {
    const report = await run([made(() => {}, { needs: [claims('upsert.constraint')] })])
    expect(report).toMatchObject({ ok: false, errors: [expect.stringMatching(/0 rules were run/)] })
  })

  it('with fewer rules than the fixture demands', async () => {
    const report = await run([passing], {}, { minimumRules: 2 })
    expect(report).toMatchObject({
      ok: false,
      errors: ['1 rules were run and applied, 2 are the least that the fixture accepts'],
    })
  })

  it('with a waiver that does not hold', async () => {
    const waiver = { rule: '', reason: 'r', link: 'l', expires: '2999-01-01', expects: 'seen 2' }
    const waived = await run([failing], {}, { waivers: [{ ...waiver, rule: failing.id }] })
    expect(waived).toMatchObject({ ok: true, counts: { waived: 1, failed: 0 } })
    const unused = await run([passing], {}, { waivers: [{ ...waiver, rule: passing.id }] })
    expect(unused).toMatchObject({ ok: false, errors: [expect.stringMatching(/is not needed/)] })
    const stray = await run([passing], {}, { waivers: [{ ...waiver, rule: 'TX-999' }] })
    expect(stray).toMatchObject({ ok: false, errors: [expect.stringMatching(/TX-999/)] })
  })

  it('with an unknown option or a fixture that is none', async () => {
    await expect(run([passing], { tiers: 'core' } as never)).rejects.toThrow(/no option "tiers"/)
    await expect(run([passing], { tier: 'all' as never })).rejects.toThrow(/no tier "all"/)
    await expect(run([passing], {}, { name: '' })).rejects.toThrow(/`name`/)
    await expect(run([passing], {}, { adaptor: 1 } as never)).rejects.toThrow(/"adaptor"/)
  })
})

describe('the fixture’s database', () => {
  it('is made once a run and destroyed once, however the run ends', async () => {
    const calls: string[] = []
    const hooks: Partial<Fixture> = {
      create: () => {
        calls.push('create')
        return 'db'
      },
      destroy: (database) => void calls.push(`destroy ${database}`),
    }
    await run([passing, failing], {}, hooks)
    expect(calls).toEqual(['create', 'destroy db'])
    const broken = await run(
      [passing],
      {},
      {
        ...hooks,
        destroy: () => {
          throw new Error('busy')
        },
      },
    )
    expect(broken).toMatchObject({
      ok: false,
      errors: [expect.stringMatching(/could not destroy.*busy/)],
    })
  })
})

describe('after every rule', () => {
  const messageOf = async (
    rule: RuleDefinition['run'],
    parts?: Partial<Fixture>,
  ): Promise<string | undefined> =>
    (await run([made(rule)], {}, parts)).results[0]?.failure?.message

  const withConnection = (change: (connection: Connection) => Connection): Partial<Fixture> => ({
    adapter: () => ({
      ...tinyAdapter(),
      connect: (context) => change(tinyAdapter().connect(context) as Connection),
    }),
  })

  it('connections are idle', async () => {
    const message = await messageOf(async (context) => {
      await (await context.connect()).text('begin')
    })
    expect(message).toMatch(/transaction status of connection 1: expected idle, seen active/)
  })

  it('connections are usable', async () => {
    const message = await messageOf(
      async (context) => {
        await (await context.connect()).text('select 5')
      },
      withConnection((connection) => {
        let calls = 0
        return {
          execute: (request) => {
            if (++calls > 1) throw new Error('stuck')
            return connection.execute(request)
          },
          close: () => connection.close(),
        }
      }),
    )
    expect(message).toMatch(/connection 1: expected still usable, seen Error: stuck/)
  })

  it('connections need not execute where the rule sent nothing', async () => {
    const message = await messageOf(
      async (context) => void (await context.connect()),
      withConnection((connection) => ({
        execute() {
          throw new Error('not written yet')
        },
        close: () => connection.close(),
      })),
    )
    expect(message).toBeUndefined()
  })

  it('connections close without an error', async () => {
    const message = await messageOf(
      async (context) => void (await context.connect()),
      withConnection((connection) => ({
        execute: (request) => connection.execute(request),
        close: () => {
          throw new Error('already closed')
        },
      })),
    )
    expect(message).toMatch(/closing connection 1: expected an end without an error, seen Error/)
  })

  it('the pool is empty', async () => {
    const message = await messageOf(async (context) => {
      const repo = context.repo()
      let held: (() => void) | undefined
      void repo.checkout(() => new Promise<void>((resolve) => (held = resolve)))
      while (held === undefined) await new Promise((resolve) => setImmediate(resolve))
      context.signal.addEventListener('abort', () => held?.())
    })
    expect(message).toMatch(/the pool: expected nothing in use and nobody waiting, seen.*inUse: 1/)
  })

  it('every connection of a repo was closed', async () => {
    const message = await messageOf(
      async (context) =>
        void (await context.adapter.connect({
          role: 'any',
          signal: context.signal,
          onNotice: () => {},
          onClosed: () => {},
        })),
    )
    expect(message).toMatch(/expected all closed, seen 1 still open/)
  })

  it('no timer keeps the process alive', async () => {
    const timers: NodeJS.Timeout[] = []
    // The test runner has timers of its own that come and go.
    const message = await messageOf(() => {
      for (let i = 0; i < 10; i++) timers.push(setTimeout(() => {}, 60_000))
    })
    for (const timer of timers) clearTimeout(timer)
    expect(message).toMatch(/seen \d+ more Timeout keeping the process alive/)
  })

  it('no listener is left on process or on the signal', async () => {
    const listener = () => {}
    const onProcess = await messageOf(() => void process.on('beforeExit', listener))
    process.off('beforeExit', listener)
    expect(onProcess).toMatch(/1 more listeners on process/)
    const onSignal = await messageOf((context) =>
      context.signal.addEventListener('abort', listener),
    )
    expect(onSignal).toMatch(/1 listeners on the abort signal/)
  })

  it('tables are dropped although the rule failed', async () => {
    const adapter: Adapter = tinyAdapter()
    expect(adapter.topology).toBe('single')
    const { results } = await run([
      made(async (context) => {
        const caller = await context.connect()
        await context.create(caller, [{ name: 'n', type: { name: 'integer' }, nullable: true }])
        throw new Error('after all')
      }),
    ])
    expect(results[0]?.failure?.seen).toBe('Error: after all')
  })
})
