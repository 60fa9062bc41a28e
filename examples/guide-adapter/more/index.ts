import { type Adapter, defineAdapter } from '@mortise/core/adapter'
import { openDatabase } from '../src/connection.ts'
import { guideAdapter } from '../src/index.ts'
import { CapableConnection } from './connection.ts'

/** The guide's adapter with the capabilities that its last chapter adds. */
export function capableAdapter(filename: string): Adapter {
  const adapter = guideAdapter(filename)
  return defineAdapter({
    ...adapter,
    connect: ({ role }) => new CapableConnection(openDatabase(filename, role)),
    capabilities: { ...adapter.capabilities, streaming: 'exclusive', cancel: 'between_rows' },
  })
}
