import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { BenchCase } from '../case.ts'
import { spreadOf } from '../statistics.ts'

const script = fileURLToPath(
  new URL('../../../packages/core/test/measure-checkout.ts', import.meta.url),
)

/** Borrows and gives back a connection that is ready. The pool is core's own, so core measures it. */
export const poolCase: BenchCase = {
  name: 'pool',
  async run(scale) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--conditions=mortise-source',
      script,
      String(scale.rounds),
    ])
    const nanoseconds = JSON.parse(stdout) as Record<string, number[]>
    return Object.entries(nanoseconds).map(([what, ns]) => ({
      name: 'pool checkout and checkin, no contention',
      ours: { what, unit: 'µs', ...spreadOf(ns.map((each) => each / 1000)) },
      peer: undefined,
      ratio: undefined,
      goal: { most: 1 },
    }))
  },
}
