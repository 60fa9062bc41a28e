import { sqlite } from '@mortise/adapter-sqlite'
import type { Adapter, Capabilities, Connection } from '@mortise/core/adapter'
import {
  type ConformanceReport,
  type Fixture,
  type RuleResult,
  runConformance,
} from '@mortise/testkit'
import { guideAdapter } from 'guide-adapter'
import guideFixtures from 'guide-adapter/fixture'
import { describe, expect, it } from 'vitest'
import { fileFixture, memoryFixture } from '../fixtures/sqlite.ts'

/**
 * The reduced adapter is the guide's: `connect`, `execute`, `close` and descriptions. It runs the
 * whole suite like the full one, and every difference is one that its manifest declares.
 */

const [inMemory, onFile] = guideFixtures as Fixture[] as [Fixture, Fixture]
const reduced = guideAdapter(':memory:')
const full = sqlite(':memory:') as Adapter

it('has nothing but connect, execute, close, and the four descriptions', async () => {
  expect(Object.keys(reduced).sort()).toEqual([
    'capabilities',
    'classifyError',
    'connect',
    'dialect',
    'name',
    'topology',
    'types',
  ])
  const connection = await open(reduced)
  expect(Object.keys(connection).sort()).toEqual(['close', 'execute'])
  await connection.close()
})

describe.each([
  ['in memory', inMemory, memoryFixture('better-sqlite3')],
  ['on a file', onFile, fileFixture('better-sqlite3')],
])('%s', (_place, reducedFixture, fullFixture) => {
  it('keeps every rule that applies, and differs only where its manifest says so', async () => {
    const [mine, theirs] = [await runConformance(reducedFixture), await runConformance(fullFixture)]
    expect(failuresOf(mine)).toEqual([])
    expect(failuresOf(theirs)).toEqual([])
    expect(mine.results.map(({ rule }) => rule)).toEqual(theirs.results.map(({ rule }) => rule))
    const members = await membersOf(full)
    const unexplained = mine.results.flatMap((result, i) => {
      const other = theirs.results[i] as RuleResult
      return result.status === other.status || isDeclared(result, other, members)
        ? []
        : [{ rule: result.rule, reduced: outcome(result), full: outcome(other) }]
    })
    expect(unexplained).toEqual([])
    const applied = mine.results.filter(({ status }) => status === 'passed')
    expect(applied.length).toBeGreaterThan(120)
  }, 120_000)
})

/**
 * Whether one side left the rule out for a reason that is written down: a claim that the two
 * manifests make differently, or a method that the reduced adapter does not have.
 */
function isDeclared(mine: RuleResult, theirs: RuleResult, members: ReadonlySet<string>): boolean {
  const reason = mine.status === 'not_applicable' ? mine.reason : theirs.reason
  if (mine.status !== 'not_applicable' && theirs.status !== 'not_applicable') return false
  const [, path] = /^the manifest says ([\w.]+): /.exec(reason ?? '') ?? []
  if (path !== undefined) return claim(reduced, path) !== claim(full, path)
  const [, member] = /^connections have no (\w+)$/.exec(reason ?? '') ?? []
  return member !== undefined && members.has(member)
}

function claim({ capabilities }: { capabilities: Capabilities }, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], capabilities)
}

function failuresOf({ results, errors }: ConformanceReport): readonly unknown[] {
  return [...errors, ...results.flatMap(({ failure }) => failure?.message ?? [])]
}

function outcome({ status, reason }: RuleResult): string {
  return reason === undefined ? status : `${status}: ${reason}`
}

/** The names of everything that a connection of the adapter has. */
async function membersOf(adapter: Adapter): Promise<ReadonlySet<string>> {
  const connection = await open(adapter)
  const names = new Set<string>()
  for (let at: object = connection; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  }
  await connection.close()
  return names
}

async function open(adapter: Adapter): Promise<Connection> {
  return await adapter.connect({
    role: 'any',
    signal: new AbortController().signal,
    onNotice: () => {},
    onClosed: () => {},
  })
}
