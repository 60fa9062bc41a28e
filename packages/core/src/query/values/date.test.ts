import { Temporal } from 'temporal-polyfill'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ValueError } from '../../errors/index.ts'
import { dateConversion } from './date.ts'
import { timeConversion } from './time.ts'

describe('a date', () => {
  const { toCanonical, toApplication } = dateConversion('string', undefined)

  test.each([
    '2024-02-29',
    '2000-02-29',
    '0000-02-29',
    '0001-01-01',
    '0099-12-31',
    '9999-12-31',
    '-0001-12-31',
    '-0004-02-29',
    '-9999-01-01',
  ])('keeps %s', (text) => {
    expect(toCanonical(text)).toBe(text)
    expect(toApplication?.(text)).toBe(text)
  })

  test.each([
    '2023-02-29',
    '1900-02-29',
    '-0001-02-29',
    '2024-04-31',
    '2024-00-01',
    '2024-13-01',
    '2024-01-00',
    '2024-01-32',
    '-0000-01-01',
    '24-01-01',
    '2024-1-1',
    '20240101',
    '2024-01-01T00:00:00Z',
    '2024-01-01 ',
    '+2024-01-01',
    '+012024-01-01',
    '10000-01-01',
    '2024/01/01',
    'infinity',
    '',
  ])('refuses %o, given and stored', (text) => {
    expect(() => toCanonical(text)).toThrow(ValueError)
    expect(() => toApplication?.(text)).toThrow(ValueError)
  })

  test('refuses a Date, which is an instant', () => {
    expect(() => toCanonical(new Date(0))).toThrow('a Date is an instant')
  })
})

describe('a time', () => {
  const { toCanonical, toApplication } = timeConversion('string', undefined)

  test.each([
    ['00:00:00', '00:00:00'],
    ['23:59:59.999999', '23:59:59.999999'],
    ['09:30:00.5', '09:30:00.500000'],
    ['09:30:00.000', '09:30:00'],
    ['09:30:00.000001000', '09:30:00.000001'],
  ])('%s has one canonical text', (text, canonical) => {
    expect(toCanonical(text)).toBe(canonical)
    expect(toApplication?.(text)).toBe(canonical)
  })

  test.each([
    '24:00:00',
    '23:59:60',
    '23:60:00',
    '9:30:00',
    '09:30',
    '09:30:00Z',
    '09:30:00+02',
    '09:30:00.',
    '09:30:00,5',
    '09.30.00',
    '-1:30:00',
    '',
  ])('refuses %o, given and stored', (text) => {
    expect(() => toCanonical(text)).toThrow(ValueError)
    expect(() => toApplication?.(text)).toThrow(ValueError)
  })

  test('refuses nanoseconds and says so', () => {
    expect(() => toCanonical('09:30:00.0000001')).toThrow('finer than a microsecond')
  })

  test('sorts as text as it does as time', () => {
    const times = ['00:00:00', '00:00:00.000001', '00:00:00.1', '00:00:00.15', '00:00:01']
    expect(times.map(toCanonical).sort()).toEqual(times.map(toCanonical))
  })
})

describe('with Temporal', () => {
  beforeEach(() => void vi.stubGlobal('Temporal', Temporal))
  afterEach(() => void vi.unstubAllGlobals())

  test.each(['2024-02-29', '0099-01-02', '-0044-03-15'])('%s is a PlainDate', (text) => {
    const { toCanonical, toApplication } = dateConversion('temporal', undefined)
    const date = toApplication?.(text) as Temporal.PlainDate
    expect(date).toBeInstanceOf(Temporal.PlainDate)
    expect([date.year, date.month, date.day].join()).toBe(
      [text.slice(0, -6), text.slice(-5, -3), text.slice(-2)].map(Number).join(),
    )
    expect(toCanonical(date)).toBe(text)
  })

  test.each(['00:00:00', '23:59:59.999999', '01:02:03.000400'])('%s is a PlainTime', (text) => {
    const { toCanonical, toApplication } = timeConversion('temporal', undefined)
    const time = toApplication?.(text) as Temporal.PlainTime
    expect(time.equals(Temporal.PlainTime.from(text))).toBe(true)
    expect(toCanonical(time)).toBe(text)
  })

  test('a date of another calendar is refused, not stripped of it', () => {
    const date = Temporal.PlainDate.from('2024-02-29').withCalendar('gregory')
    expect(() => dateConversion('temporal', undefined).toCanonical(date)).toThrow(
      'another calendar',
    )
  })

  test.each(['+010000-01-01', '-010000-01-01'])('the year of %s is refused', (text) => {
    const date = Temporal.PlainDate.from(text)
    expect(() => dateConversion('temporal', undefined).toCanonical(date)).toThrow('out of range')
  })

  test('a time of nanoseconds is refused, not rounded', () => {
    const time = Temporal.PlainTime.from('00:00:00.000000001')
    expect(() => timeConversion('string', undefined).toCanonical(time)).toThrow('finer than')
  })

  test('its other classes are refused by name', () => {
    const { toCanonical } = dateConversion('string', undefined)
    expect(() => toCanonical(Temporal.PlainDateTime.from('2024-02-29T00:00'))).toThrow(
      'got a Temporal.PlainDateTime',
    )
  })
})
