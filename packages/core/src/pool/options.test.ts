import { describe, expect, it } from 'vitest'
import { MisuseError } from '../errors/index.ts'
import { optionsFor, parsePoolOptions } from './options.ts'

describe('pool options', () => {
  it('have the documented defaults and are frozen', () => {
    const options = parsePoolOptions()
    expect(options).toEqual({
      size: 10,
      minIdle: 0,
      maxQueueLength: 10_000,
      maxQueueWaitMs: 30_000,
      queueTargetMs: 50,
      queueIntervalMs: 2_000,
      idleTimeoutMs: 600_000,
      pingIntervalMs: 30_000,
      maxLifetimeMs: 1_800_000,
      connectTimeoutMs: 10_000,
      maxConcurrentConnects: 4,
      backoffMinMs: 100,
      backoffMaxMs: 5_000,
      resetOnCheckin: 'changed',
      leakThresholdMs: 60_000,
      leakSampleRate: 0.01,
      drainTimeoutMs: 15_000,
      onConnect: undefined,
    })
    expect(Object.isFrozen(options)).toBe(true)
  })

  it('take what is given and leave out undefined', () => {
    const onConnect = (): void => {}
    expect(parsePoolOptions({ size: 3, pingIntervalMs: undefined, onConnect })).toMatchObject({
      size: 3,
      pingIntervalMs: 30_000,
      onConnect,
    })
  })

  it.each([
    ['size', 0],
    ['size', 1.5],
    ['size', '10'],
    ['minIdle', -1],
    ['maxQueueLength', 0],
    ['maxQueueWaitMs', 0],
    ['maxQueueWaitMs', Number.POSITIVE_INFINITY],
    ['maxQueueWaitMs', 2 ** 31],
    ['queueTargetMs', Number.NaN],
    ['resetOnCheckin', 'never'],
    ['leakSampleRate', 1.1],
    ['leakSampleRate', Number.NaN],
    ['onConnect', 'set role app'],
  ])('refuse %s: %s and name it', (name, value) => {
    const parse = (): unknown => parsePoolOptions({ [name]: value })
    expect(parse).toThrow(MisuseError)
    expect(parse).toThrow(`pool.${name} must be`)
    expect(parse).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  it('refuse what does not go together', () => {
    expect(() => parsePoolOptions({ size: 2, minIdle: 3 })).toThrow('at most size (2)')
    expect(() => parsePoolOptions({ backoffMinMs: 10_000 })).toThrow('at least backoffMinMs')
  })

  it('refuse an unknown name, list the known ones, and translate those of other pools', () => {
    const parse = (): unknown => parsePoolOptions({ max: 20 })
    expect(parse).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
    expect(parse).toThrow('pool.max is not an option. Here it is called size.')
    expect(() => parsePoolOptions({ toString: 1 })).toThrow('The options are backoffMaxMs,')
  })

  it.each([[null], [[]], [10], ['size=3']])('refuse %s in place of an object', (input) => {
    expect(() => parsePoolOptions(input)).toThrow(MisuseError)
  })

  it('never show a value that might be a secret', () => {
    expect(() => parsePoolOptions({ size: 'hunter2' })).not.toThrow('hunter2')
  })
})

describe('a topology', () => {
  const options = parsePoolOptions({ size: 8, minIdle: 4 })

  it('leaves a single database its one connection for good', () => {
    expect(optionsFor(options, 'single', 'any')).toMatchObject({
      size: 1,
      minIdle: 0,
      idleTimeoutMs: 0,
      maxLifetimeMs: 0,
    })
  })

  it('has one writer and as many readers as there is room', () => {
    expect(optionsFor(options, 'writer-readers', 'writer')).toMatchObject({ size: 1, minIdle: 1 })
    expect(optionsFor(options, 'writer-readers', 'reader')).toBe(options)
  })

  it('changes nothing for an ordinary pool', () => {
    expect(optionsFor(options, 'pool', 'any')).toBe(options)
  })
})
