import { scaleOf } from './case.ts'
import { cases } from './cases/index.ts'

// A process that runs one case and sends its results to the one that started it.

// What a case tidies up at the exit is tidied up after Ctrl-C as well.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const [name, scale] = process.argv.slice(2)
const found = cases.find((each) => each.name === name)
if (found === undefined) throw new Error(`there is no case "${name}"`)
const results = await found.run(scaleOf(scale === 'quick'))
process.send?.(results)
process.disconnect?.()
