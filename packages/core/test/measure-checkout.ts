import process from 'node:process'
import type { Adapter } from '../src/contract/index.ts'
import { Pool, parsePoolOptions } from '../src/pool/index.ts'
import { scriptedDialect } from './scripted-dialect.ts'
import { scriptedCapabilities, scriptedTypes } from './scripted-manifest.ts'

/**
 * Measures checkout and checkin of a connection that is ready: nanoseconds of one pair, a list of
 * rounds for each variant, as JSON. Run by the benchmarks.
 */
const adapter: Adapter = {
  name: 'none',
  capabilities: scriptedCapabilities,
  dialect: scriptedDialect,
  types: scriptedTypes,
  topology: 'pool',
  connect: () => ({
    execute: () => ({ columns: [], rows: [], affected: null }),
    close() {},
  }),
  classifyError: () => undefined,
}

function poolOf(leakSampleRate: number): Pool<object> {
  return new Pool<object>({
    adapter,
    role: 'any',
    options: parsePoolOptions({ leakSampleRate }),
    openSession: () => ({}),
  })
}

const pairs = 200_000

async function warm(pool: Pool<object>): Promise<void> {
  const lease = await pool.checkout()
  lease.checkin('clean')
  for (let i = 0; i < 3; i++) round(pool)
}

function round(pool: Pool<object>): number {
  const started = performance.now()
  for (let i = 0; i < pairs; i++) {
    const lease = pool.tryCheckout()
    if (lease === undefined) throw new Error('no connection was ready')
    lease.checkin('clean')
  }
  return ((performance.now() - started) * 1e6) / pairs
}

const rounds = Number(process.argv[2] ?? 5)
const [plain, sampled] = [poolOf(0), poolOf(0.01)]
await warm(plain)
await warm(sampled)
const result: Record<string, number[]> = {
  'stack sampling off': [],
  'stack of one in a hundred sampled, the default': [],
}
for (let i = 0; i < rounds; i++) {
  result['stack sampling off']?.push(round(plain))
  result['stack of one in a hundred sampled, the default']?.push(round(sampled))
}
process.stdout.write(JSON.stringify(result))
await plain.close()
await sampled.close()
