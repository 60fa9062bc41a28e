import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogue, ruleSet } from '../rules/index.ts'
import { extendRecord } from '../rules/record.ts'
import { renderPages } from './render-pages.ts'

extendRecord(catalogue)

const directory = join(import.meta.dirname, '../../../../docs/conformance')
mkdirSync(directory, { recursive: true })
const pages = renderPages(catalogue, ruleSet)
for (const { file, text } of pages) writeFileSync(join(directory, file), text)
for (const file of readdirSync(directory)) {
  if (!pages.some((page) => page.file === file)) rmSync(join(directory, file))
}
process.stdout.write(`${pages.length} pages of ${catalogue.length} rules\n`)
