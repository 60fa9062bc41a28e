import { scaleOf } from './case.ts'
import { cases } from './cases/index.ts'

/** A process that runs one case and sends its results to the one that started it. */
const [name, scale] = process.argv.slice(2)
const found = cases.find((each) => each.name === name)
if (found === undefined) throw new Error(`there is no case "${name}"`)
const results = await found.run(scaleOf(scale === 'quick'))
process.send?.(results)
process.disconnect?.()
