import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogue, ruleSet } from '../rules/index.ts'
import { renderPages } from './render-pages.ts'

const directory = join(import.meta.dirname, '../../../../docs/conformance')
const pages = renderPages(catalogue, ruleSet)

describe('the conformance pages', () => {
  it.each(pages)(
    '$file is as the rules say; run `npm run docs:conformance` if not',
    ({ file, text }) => {
      expect(readFileSync(join(directory, file), 'utf8')).toBe(text)
    },
  )

  it('are all there is', () => {
    expect(readdirSync(directory).sort()).toEqual(pages.map(({ file }) => file).sort())
  })

  it('have a heading for every rule, where failure cards point to', () => {
    for (const { id, area } of catalogue) {
      const page = pages.find(({ file }) => file === `${area.toLowerCase()}.md`)
      expect(page?.text).toContain(`\n## ${id}\n`)
    }
  })
})
