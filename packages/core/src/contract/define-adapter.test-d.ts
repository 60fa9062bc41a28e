import { describe, expectTypeOf, it } from 'vitest'
import type { Adapter, CallOptionsOf } from './adapter.ts'
import { defineAdapter } from './define-adapter.ts'

declare const parts: Omit<Adapter, 'callOptions'>

describe('the type of a defined adapter', () => {
  it('keeps the call options that were named', () => {
    const adapter = defineAdapter<{ plan: 'auto' | 'custom' }>({
      ...parts,
      callOptions: { plan: (value) => void value },
    })
    expectTypeOf<CallOptionsOf<typeof adapter>>().toEqualTypeOf<{
      readonly plan: 'auto' | 'custom'
    }>()
  })

  it('has no call options where none were named', () => {
    const adapter = defineAdapter({ ...parts })
    expectTypeOf<keyof CallOptionsOf<typeof adapter>>().toEqualTypeOf<never>()
  })

  it('needs a check for every call option', () => {
    // @ts-expect-error: `plan` has no check.
    defineAdapter<{ plan?: string }>({ ...parts, callOptions: {} })
  })

  it('needs every part', () => {
    const { connect: _, ...rest } = parts
    // @ts-expect-error: `connect` is missing.
    defineAdapter(rest)
  })

  it('refuses a copy of a dialect, which has lost its methods', () => {
    const dialect = { ...standard }
    // @ts-expect-error: the methods are not the copy's own.
    defineAdapter({ ...parts, dialect })
  })
})

declare const standard: import('./standard-dialect/index.ts').StandardDialect
