import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** The names that a file of exports gives on, types included. */
function exportedNames(path: string): string[] {
  const source = readFileSync(new URL(path, import.meta.url), 'utf8')
  const lists = [...source.matchAll(/^export (?:type )?\{([^}]*)\} from/gm)]
  const names = lists.flatMap(([, list]) => list?.split(',') ?? [])
  return names.map((name) => name.replace('type ', '').trim()).filter((name) => name !== '')
}

describe("the author's entry", () => {
  it('has the whole contract and every error', () => {
    const expected = [
      ...exportedNames('./contract/index.ts'),
      ...exportedNames('./errors/index.ts'),
    ]
    expect(exportedNames('./adapter.ts').sort()).toEqual(expected.sort())
  })
})
