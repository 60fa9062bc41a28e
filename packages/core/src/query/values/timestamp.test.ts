import { runInNewContext } from 'node:vm'
import { Temporal } from 'temporal-polyfill'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MisuseError, ValueError } from '../../errors/index.ts'
import { timestampConversion } from './timestamp.ts'

const { toCanonical, toApplication: toDate } = timestampConversion('date', undefined)
const { toApplication: toText } = timestampConversion('string', undefined)

describe('a Date', () => {
  test.each([
    ['2024-02-29T12:34:56.789Z', '2024-02-29T12:34:56.789000Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999000Z'],
    ['0000-01-01T00:00:00.000Z', '0000-01-01T00:00:00.000000Z'],
    ['0099-06-01T00:00:00.000Z', '0099-06-01T00:00:00.000000Z'],
    ['-000044-03-15T10:00:00.000Z', '-0044-03-15T10:00:00.000000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999000Z'],
    ['-009999-01-01T00:00:00.000Z', '-9999-01-01T00:00:00.000000Z'],
  ])('%s becomes canonical text and comes back', (iso, canonical) => {
    expect(toCanonical(new Date(iso))).toBe(canonical)
    expect(toDate?.(canonical)).toEqual(new Date(iso))
  })

  test('of another realm counts too', () => {
    expect(toCanonical(runInNewContext('new Date(0)'))).toBe('1970-01-01T00:00:00.000000Z')
  })

  test('that is invalid is refused', () => {
    expect(() => toCanonical(new Date(Number.NaN))).toThrow('is an invalid Date')
  })

  test.each([8.64e15, -8.64e15, 253_402_300_800_000, -377_705_116_800_001])(
    'beyond the years -9999 to 9999 is refused (%d)',
    (epochMs) => {
      expect(() => toCanonical(new Date(epochMs))).toThrow('out of range')
    },
  )
})

describe('a text', () => {
  test.each([
    ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05.000000Z'],
    ['2024-01-02T03:04:05.123456Z', '2024-01-02T03:04:05.123456Z'],
    ['2024-01-02T03:04:05.1+02:00', '2024-01-02T01:04:05.100000Z'],
    ['2024-01-01T01:00:00.000001+02:00', '2023-12-31T23:00:00.000001Z'],
    ['2024-02-28T23:30:00-00:45', '2024-02-29T00:15:00.000000Z'],
    ['1970-01-01T00:00:00-00:00', '1970-01-01T00:00:00.000000Z'],
    ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
    ['2024-01-02T03:04:05.1234560000Z', '2024-01-02T03:04:05.123456Z'],
    ['-0001-12-31T23:59:59.5-00:01', '0000-01-01T00:00:59.500000Z'],
  ])('%s is brought to UTC exactly', (text, canonical) => {
    expect(toCanonical(text)).toBe(canonical)
  })

  test('without a zone is refused with a hint', () => {
    expect(() => toCanonical('2024-01-02T03:04:05')).toThrow('append Z if it is UTC')
    expect(() => toCanonical('2024-01-02T03:04:05.123')).toThrow('has no time zone')
  })

  test.each([
    '2024-01-02 03:04:05Z',
    '2024-01-02t03:04:05z',
    '2024-01-02T03:04:05+02',
    '2024-01-02T03:04:05+0200',
    '2024-01-02T03:04:05+02:00:00',
    '2024-01-02T03:04:05+02:0',
    '2024-01-02T03:04:05 Z',
    '2024-01-02T03:04:05Z ',
    '2024-01-02T03:04:05.Z',
    '2024-01-02T03:04:05,5Z',
    '2024-01-02T03:04Z',
    '2024-01-02',
    '2024-1-2T03:04:05Z',
    '+002024-01-02T03:04:05Z',
    'Tue, 02 Jan 2024 03:04:05 GMT',
    '1704164645000',
    '',
  ])('%o is malformed', (text) => {
    expect(() => toCanonical(text)).toThrow('is not a timestamp; write')
  })

  test.each([
    '2023-02-29T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2016-12-31T23:59:60Z',
    '-0000-01-01T00:00:00Z',
    '2024-01-01T00:00:00+24:00',
    '2024-01-01T00:00:00+00:60',
  ])('%s does not exist', (text) => {
    expect(() => toCanonical(text)).toThrow('does not exist')
  })

  test('of nanoseconds is refused, not rounded', () => {
    expect(() => toCanonical('2024-01-02T03:04:05.1234567Z')).toThrow('finer than a microsecond')
  })

  test.each(['9999-12-31T23:59:59-00:01', '-9999-01-01T00:00:00+00:01'])(
    '%s leaves the years in UTC and is refused',
    (text) => {
      expect(() => toCanonical(text)).toThrow('out of range')
    },
  )

  test('sorts as it does as time, from the year 0 on', () => {
    const texts = ['0000-01-01T00:00:00Z', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00.5Z']
    expect(texts.map(toCanonical).sort()).toEqual(texts.map(toCanonical))
  })
})

describe('a stored text', () => {
  test.each([
    ['2024-01-02 03:04:05', '2024-01-02T03:04:05.000000Z'],
    ['2024-01-02 03:04:05.5+00', '2024-01-02T03:04:05.500000Z'],
    ['2024-01-02 03:04:05.123456+05:30', '2024-01-01T21:34:05.123456Z'],
    ['1890-01-01 00:00:00+00:19:32', '1889-12-31T23:40:28.000000Z'],
    ['2024-01-02T03:04:05-03', '2024-01-02T06:04:05.000000Z'],
    ['2024-01-02T03:04:05.123456Z', '2024-01-02T03:04:05.123456Z'],
    ['-0043-03-15 12:00:00Z', '-0043-03-15T12:00:00.000000Z'],
  ])('%s is read', (stored, canonical) => {
    expect(toText?.(stored)).toBe(canonical)
    expect(toCanonical(toDate?.(stored))).toBe(`${canonical.slice(0, -4)}000Z`)
  })

  test('is floored to milliseconds as a Date, before 1970 too', () => {
    expect(toDate?.('1969-12-31T23:59:59.999999Z')).toEqual(new Date(-1))
    expect(toDate?.('1970-01-01T00:00:00.000999Z')).toEqual(new Date(0))
  })

  test.each([
    'infinity',
    '-infinity',
    '0044-03-15 00:00:00 BC',
    '2024-01-02',
    '2024-02-30 00:00:00',
    '2024-01-02 03:04:05.1234567',
    '2024-01-02 03:04:05 UTC',
    '10000-01-01 00:00:00',
    '9999-12-31 23:59:59-01',
    '',
    0,
    {},
  ])('%o is refused', (stored) => {
    expect(() => toDate?.(stored)).toThrow(ValueError)
    expect(() => toText?.(stored)).toThrow(ValueError)
  })
})

test.each([0, 1704164645000, 0n, true, {}, [], Symbol('s')])('%o is no timestamp', (value) => {
  expect(() => toCanonical(value)).toThrow('takes a Date, an ISO 8601 string or a Temporal.Instant')
})

describe('with Temporal', () => {
  beforeEach(() => void vi.stubGlobal('Temporal', Temporal))
  afterEach(() => void vi.unstubAllGlobals())

  test.each([
    '2024-01-02T03:04:05.123456Z',
    '1969-12-31T23:59:59.999999Z',
    '1970-01-01T00:00:00.000000Z',
    '0000-01-01T00:00:00.000001Z',
    '9999-12-31T23:59:59.999999Z',
  ])('%s is an Instant', (text) => {
    const { toCanonical, toApplication } = timestampConversion('temporal', undefined)
    const instant = toApplication?.(text) as Temporal.Instant
    expect(instant).toBeInstanceOf(Temporal.Instant)
    expect(instant.equals(Temporal.Instant.from(text))).toBe(true)
    expect(toCanonical(instant)).toBe(text)
  })

  test.each([1n, -1n, 999n, -1_000_001n])('nanoseconds are refused (%d)', (nanoseconds) => {
    expect(() => toCanonical(new Temporal.Instant(nanoseconds))).toThrow('finer than a microsecond')
  })

  test('an Instant beyond the years is refused', () => {
    expect(() => toCanonical(Temporal.Instant.from('+010000-01-01T00:00Z'))).toThrow('out of range')
  })

  test('a ZonedDateTime is refused with the way to write its instant', () => {
    const zoned = Temporal.Instant.from('2024-01-02T03:04:05Z').toZonedDateTimeISO('Europe/Berlin')
    expect(() => toCanonical(zoned)).toThrow('converts with toInstant()')
  })
})

test('without Temporal, reading Temporal is refused and writing it is not', () => {
  vi.stubGlobal('Temporal', undefined)
  try {
    expect(() => timestampConversion('temporal', 'posts.at')).toThrow(MisuseError)
    expect(() => timestampConversion('temporal', 'posts.at')).toThrow(
      /^posts\.at: .*globalThis\.Temporal/,
    )
    expect(toCanonical(new Temporal.Instant(1000n))).toBe('1970-01-01T00:00:00.000001Z')
  } finally {
    vi.unstubAllGlobals()
  }
})
