import type { Capabilities } from '@mortise/core/adapter'
import { checkThat, show } from '../check/index.ts'

/** Fails the rule at the first entry of a manifest that is missing or means nothing. */
export function checkManifest(capabilities: Capabilities): void {
  checkEntries(capabilities, manifestShape, '')
}

type Shape = 'support' | 'number' | 'list' | readonly string[] | { readonly [key: string]: Shape }

const support = 'support'
const manifestShape: { readonly [K in keyof Capabilities]: Shape } = {
  maxParameters: 'number',
  maxIdentifierBytes: 'number',
  prefix: support,
  transactions: ['interactive', 'batch', 'none'],
  savepoints: support,
  isolationLevels: 'list',
  readOnlyTransactions: support,
  deferrableTransactions: support,
  ddlTransactions: ['yes', 'implicit_commit', 'no'],
  errorInTransaction: ['aborts', 'continues', 'varies'],
  returning: { insert: support, update: support, delete: support },
  upsert: {
    nothing: support,
    update: support,
    updateWhere: support,
    updateWithoutTarget: support,
    columns: support,
    partialIndex: support,
    constraint: support,
    unsafeFragment: support,
  },
  affected: ['matched', 'changed'],
  lastInsertId: support,
  cellDefault: support,
  streaming: ['interleaved', 'exclusive', 'emulated', 'absent'],
  cancel: ['server', 'between_rows', 'before_start'],
  pipelining: 'number',
  scripts: support,
  rowLocks: 'list',
  skipLocked: support,
  noWait: support,
  notices: support,
  sessionChanges: 'list',
  migrationLocks: 'list',
}

function checkEntries(
  values: unknown,
  shape: { readonly [key: string]: Shape },
  path: string,
): void {
  const entries = (values ?? {}) as Record<string, unknown>
  for (const [key, expected] of Object.entries(shape)) {
    const value = entries[key]
    const name = `${path}${key}`
    if (typeof expected === 'object' && !Array.isArray(expected)) {
      checkEntries(value, expected as { readonly [key: string]: Shape }, `${name}.`)
      continue
    }
    const words =
      expected === 'support'
        ? ['native', 'emulated', 'absent']
        : Array.isArray(expected)
          ? expected
          : []
    const right =
      expected === 'number'
        ? Number.isSafeInteger(value) && (value as number) >= 1
        : expected === 'list'
          ? Array.isArray(value)
          : words.includes(value as string)
    checkThat(`capabilities.${name}`, right, {
      expected:
        expected === 'number'
          ? 'a whole number from 1'
          : expected === 'list'
            ? 'a list'
            : words.join(', '),
      seen: `${show(value)} for capabilities.${name}`,
    })
  }
}
