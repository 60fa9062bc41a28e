import type { Adapter } from '@mortise/core/adapter'
import { NotApplicable, RuleFailure, show } from '../check/index.ts'
import { type Facts, late, optionalMembers, RuleRun, within } from '../context/index.ts'
import type { Fixture, Reference } from '../fixture/index.ts'
import { type Rule, whyNotApplicable } from '../rule/index.ts'
import { failureCard, type StepPosition } from './failure-card.ts'
import { HarnessError } from './harness-error.ts'
import type { RuleResult } from './report.ts'
import { UnhandledRejections } from './unhandled.ts'

/** A fixture that was opened: its database exists, its adapter is made, rules can be run. */
export class Session {
  readonly fixture: Fixture
  readonly adapter: Adapter
  readonly #database: unknown
  readonly #unhandled = new UnhandledRejections()
  readonly #reference: Reference | undefined
  readonly #stamp = Math.random().toString(36).slice(2, 8)
  #facts: Promise<Facts> | undefined
  #rules = 0

  private constructor(
    fixture: Fixture,
    database: unknown,
    adapter: Adapter,
    reference: Reference | undefined,
  ) {
    this.fixture = fixture
    this.#reference = reference
    this.adapter = adapter
    this.#database = database
    this.#unhandled.start()
  }

  /**
   * Makes the fixture's database and adapter.
   *
   * @throws HarnessError when the fixture cannot: the run must end with an error then.
   */
  static async open(fixture: Fixture): Promise<Session> {
    let database: unknown
    try {
      database = await fixture.create?.()
    } catch (error) {
      throw new HarnessError(`${fixture.name}: the fixture made no database: ${show(error)}`, {
        cause: error,
      })
    }
    try {
      const adapter = await fixture.adapter(database)
      if (typeof adapter !== 'object' || adapter === null) {
        throw new TypeError(`\`adapter\` gave ${show(adapter)} instead of an adapter`)
      }
      const reference = await fixture.reference?.(database)
      // Whether it is complete is what the start tier finds out.
      return new Session(fixture, database, adapter as Adapter, reference)
    } catch (error) {
      await fixture.destroy?.(database)
      throw new HarnessError(
        `${fixture.name}: the fixture made no adapter or no reference connection: ${show(error)}`,
        {
          cause: error,
        },
      )
    }
  }

  /** Runs one rule, whatever came of others. Never throws but for a HarnessError. */
  async run(
    rule: Rule,
    place: { readonly step: StepPosition | undefined; readonly fixtureFile: string | undefined },
  ): Promise<RuleResult> {
    const startedAt = performance.now()
    const done = (parts: Pick<RuleResult, 'status' | 'reason' | 'failure'>): RuleResult => ({
      rule: rule.id,
      title: rule.title,
      area: rule.area,
      level: rule.level,
      law: rule.law,
      tier: rule.tier,
      durationMs: Math.round(performance.now() - startedAt),
      ...parts,
    })
    if (rule.needs.length > 0) {
      const reason = whyNotApplicable(rule.needs, await this.#knownFacts())
      if (reason !== undefined) return done({ status: 'not_applicable', reason })
    }
    const run = new RuleRun(
      {
        adapter: this.adapter,
        stamp: this.#stamp,
        prefixes: this.fixture.prefixes ?? [],
        reference: this.#reference,
        takeUnhandled: () => this.#unhandled.take(),
      },
      ++this.#rules,
    )
    try {
      const ended = await within(rule.deadlineMs, () => rule.run(run))
      if (ended === late) {
        throw new RuleFailure('the rule', `an end within ${rule.deadlineMs} ms`, 'none')
      }
      await run.proveClean()
      return done({ status: 'passed' })
    } catch (error) {
      if (error instanceof NotApplicable) {
        return done({ status: 'not_applicable', reason: error.message })
      }
      return done({ status: 'failed', failure: failureCard(rule, error, run.trace, place) })
    } finally {
      run.abort()
      await run.cleanUp()
    }
  }

  /** Gives the database back. A problem is reported, and the rest done all the same. */
  async close(): Promise<readonly string[]> {
    this.#unhandled.stop()
    const errors: string[] = []
    try {
      await this.#reference?.close()
    } catch (error) {
      errors.push(`the reference connection could not be closed: ${show(error)}`)
    }
    try {
      await this.fixture.destroy?.(this.#database)
    } catch (error) {
      errors.push(`the fixture could not destroy its database: ${show(error)}`)
    }
    return errors
  }

  #knownFacts(): Promise<Facts> {
    this.#facts ??= readFacts(this.fixture, this.adapter)
    return this.#facts
  }
}

async function readFacts(fixture: Fixture, adapter: Adapter): Promise<Facts> {
  for (const part of ['capabilities', 'types', 'dialect'] as const) {
    if (typeof adapter[part] !== 'object' || adapter[part] === null) {
      throw new HarnessError(
        `${fixture.name}: the adapter has no \`${part}\` yet; run the start tier, which takes it step by step`,
      )
    }
  }
  try {
    const connection = await adapter.connect({
      role: adapter.topology === 'writer-readers' ? 'writer' : 'any',
      signal: AbortSignal.timeout(10_000),
      onNotice: () => {},
      onClosed: () => {},
    })
    const members = new Set(optionalMembers.filter((name) => connection[name] !== undefined))
    await connection.close()
    return {
      adapter,
      members,
      reference: fixture.reference !== undefined,
      prefixes: fixture.prefixes ?? [],
    }
  } catch (error) {
    throw new HarnessError(`${fixture.name}: no connection could be opened: ${show(error)}`, {
      cause: error,
    })
  }
}
