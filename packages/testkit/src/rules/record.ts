import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Rule } from '../rule/index.ts'

/** What is fixed of a rule once it was published. */
export interface RuleRecord {
  readonly level: Rule['level']
  readonly law: Rule['law']
  readonly since: string
  readonly title: string
  /** The rule set that no longer has it. Its id is never used again. */
  readonly withdrawn?: string
}

const file = join(import.meta.dirname, 'rule-ids.json')

/** The record of every id that was ever used. */
export function readRecord(): { readonly [id: string]: RuleRecord } {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** What the record says of a rule. */
export function recordOf({ level, law, since, title }: Rule): RuleRecord {
  return { level, law, since, title }
}

/** Adds the rules that the record does not have; what it has stays as it is. */
export function extendRecord(catalogue: readonly Rule[]): void {
  const record = { ...readRecord() }
  for (const rule of catalogue) record[rule.id] ??= recordOf(rule)
  const sorted = Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`)
}
