import { ValueError } from '@mortise/core/adapter'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PostgresInterval } from './interval.ts'
import { readBoolean } from './read-boolean.ts'
import { readBytes } from './read-bytes.ts'
import { compositeReader, MalformedCompositeError } from './read-composite.ts'
import { readDate, readIsoText } from './read-date-time.ts'
import { readInterval } from './read-interval.ts'
import { readJson } from './read-json.ts'
import { readBigInt, readExactFloat, readFloat, readInteger } from './read-number.ts'
import { multirangeReader, rangeReader } from './read-range.ts'
import { type ReadValue, readAscii, readString } from './read-text.ts'

/** Reads out of the middle of a buffer, as a row does. */
function on<R extends ReadValue>(read: R, text: string): ReturnType<R> {
  const bytes = Buffer.from(`7${text}7`)
  return read(bytes, 1, bytes.length - 1) as ReturnType<R>
}

describe('text', () => {
  it('is read whatever its length and characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(on(readString, text)).toBe(text)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        expect(on(readAscii, text)).toBe(text)
      }),
    )
  })
})

describe('numbers', () => {
  it('are exact', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        expect(on(readInteger, `${n}`)).toBe(n)
      }),
    )
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (n) => {
        expect(on(readBigInt, `${n}`)).toBe(n)
      }),
    )
    fc.assert(
      fc.property(fc.double(), (n) => {
        const text = Object.is(n, -0) ? '-0' : `${n}`
        expect(on(readFloat, text)).toBe(n)
        expect(on(readExactFloat, text)).toSatisfy((value) => Object.is(value, n) || value === n)
      }),
    )
  })

  it.each(['', '-', 'a', '1.5', '1e3', ' 1', '+1', '1-', '0x10', '١', '1'.repeat(100_000)])(
    'refuse what is no integer (%#)',
    (text) => {
      expect(() => on(readInteger, text)).toThrow(ValueError)
      expect(() => on(readBigInt, text)).toThrow(ValueError)
    },
  )

  it('refuse an integer that a number cannot hold', () => {
    expect(() => on(readInteger, '9007199254740993')).toThrow('t.bigint()')
  })

  it.each(['', '.', '-', 'nan', 'inf', '0x10', '1 ', '1,5', 'Infinityx', '--1'])(
    'refuse what is no float: %j',
    (text) => {
      expect(() => on(readFloat, text)).toThrow(ValueError)
    },
  )

  it('refuse a numeric that a double would round', () => {
    expect(on(readExactFloat, '1.5000000000000000')).toBe(1.5)
    expect(() => on(readExactFloat, '0.1000000000000000055')).toThrow('t.decimal()')
    expect(() => on(readExactFloat, `1${'0'.repeat(400)}`)).toThrow(ValueError)
  })
})

describe('a boolean', () => {
  it('is t or f and nothing else', () => {
    expect(on(readBoolean, 't')).toBe(true)
    expect(on(readBoolean, 'f')).toBe(false)
    for (const text of ['', 'true', '1', 'no', 'x']) {
      expect(() => on(readBoolean, text)).toThrow(ValueError)
    }
  })
})

describe('a bytea', () => {
  /** As byteaout writes with bytea_output = escape. */
  const escaped = (bytes: Uint8Array): string =>
    [...bytes]
      .map((byte) =>
        byte === 92
          ? '\\\\'
          : byte < 32 || byte > 126
            ? `\\${byte.toString(8).padStart(3, '0')}`
            : String.fromCharCode(byte),
      )
      .join('')

  it('is the same in both formats', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(on(readBytes, `\\x${Buffer.from(bytes).toString('hex')}`)).toEqual(bytes)
        expect(on(readBytes, escaped(bytes))).toEqual(bytes)
      }),
    )
  })

  it.each(['\\x0', '\\xg0', '\\x0é', '\\', '\\1', '\\12', '\\400', '\\9'])('refuses %j', (text) => {
    expect(() => on(readBytes, text)).toThrow(ValueError)
  })
})

describe('a timestamptz', () => {
  it('is the Date of its instant, floored, whatever the time zone', () => {
    expect(on(readDate, '2024-02-29 23:59:59.123999+00')).toEqual(
      new Date('2024-02-29T23:59:59.123Z'),
    )
    expect(on(readDate, '2024-03-01 05:44:59.1+05:45')).toEqual(
      new Date('2024-02-29T23:59:59.100Z'),
    )
    expect(on(readDate, '1800-01-01 00:00:00-00:01:15')).toEqual(
      new Date('1800-01-01T00:01:15.000Z'),
    )
    expect(on(readDate, '0044-03-15 12:00:00+00 BC')).toEqual(new Date('-000043-03-15T12:00:00Z'))
    expect(on(readDate, '12024-01-01 00:00:00+00')).toEqual(new Date('+012024-01-01T00:00:00Z'))
    expect(on(readDate, '1969-12-31 23:59:59.999999+00')).toEqual(new Date(-1))
  })

  it('agrees with the platform on every day that a Date can hold', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') }),
        (date) => {
          const text = date.toISOString().replace('T', ' ').replace('Z', '+00')
          expect(on(readDate, text)).toEqual(date)
        },
      ),
    )
  })

  it('is infinite as a number', () => {
    expect(on(readDate, 'infinity')).toBe(Number.POSITIVE_INFINITY)
    expect(on(readDate, '-infinity')).toBe(Number.NEGATIVE_INFINITY)
  })

  it('is refused where no Date can hold it', () => {
    expect(() => on(readDate, '294276-12-31 23:59:59.999999+00')).toThrow("'exact'")
  })

  it.each([
    '03/15/2024 12:00:00 UTC',
    '15.03.2024 12:00:00 UTC',
    'Fri Mar 15 12:00:00 2024 UTC',
    '',
    '2024',
    '2024-03-15',
    '2024-03-15 12:00:00',
    '2024-03-15 12:00:00+',
    '2024-03-15 12:00:00+0',
    '2024-03-15 12:00:00+00 AD',
    '99999999-01-01 00:00:00+00',
  ])('refuses %j, naming DateStyle', (text) => {
    expect(() => on(readDate, text)).toThrow('DateStyle')
  })
})

describe('a date or timestamp', () => {
  it.each(['2024-02-29', '0044-03-15 BC', 'infinity', '-infinity', '2024-01-01 00:00:00.000001'])(
    'is the text %j as it is',
    (text) => {
      expect(on(readIsoText, text)).toBe(text)
    },
  )

  it.each(['03-15-2024', '15-03-2024', '03/15/2024', '15.03.2024', 'Fri Mar 15'])(
    'refuses %j, naming DateStyle',
    (text) => {
      expect(() => on(readIsoText, text)).toThrow('DateStyle')
    },
  )
})

describe('an interval', () => {
  const parts = (months: number, days: number, microseconds: bigint): PostgresInterval =>
    new PostgresInterval({ months, days, microseconds })

  it.each([
    ['00:00:00', parts(0, 0, 0n)],
    ['PT0S', parts(0, 0, 0n)],
    ['1 year 2 mons 3 days 04:05:06.7', parts(14, 3, 14_706_700_000n)],
    ['P1Y2M3DT4H5M6.7S', parts(14, 3, 14_706_700_000n)],
    ['-1 years -2 mons +3 days -04:05:06.7', parts(-14, 3, -14_706_700_000n)],
    ['P-1Y-2M3DT-4H-5M-6.7S', parts(-14, 3, -14_706_700_000n)],
    ['1 mon -00:00:00.000001', parts(1, 0, -1n)],
    ['P1MT-0.000001S', parts(1, 0, -1n)],
    ['2562047788:00:54.775807', parts(0, 0, 9_223_372_036_854_775_807n)],
    ['178956970 years 7 mons 2147483647 days', parts(2_147_483_647, 2_147_483_647, 0n)],
  ])('reads %j', (text, expected) => {
    expect(on(readInterval, text)).toEqual(expected)
  })

  it.each(['', '@ 1 year ago', '+1-2 -3 +4:05:06', '1-2', 'P', '1 day 2', '1'.repeat(200)])(
    'refuses %j or reads it as nothing else',
    (text) => {
      if (text === 'P') expect(on(readInterval, text)).toEqual(parts(0, 0, 0n))
      else expect(() => on(readInterval, text)).toThrow('IntervalStyle')
    },
  )

  it('writes a sign before each field', () => {
    expect(String(parts(-1, 2, -3n))).toBe('-1 mons +2 days -3 microseconds')
  })
})

describe('json', () => {
  it('is parsed, and a number that would change is refused', () => {
    expect(on(readJson, '{"a":[1,null,"\\u00e9",1.5e300]}')).toEqual({ a: [1, null, 'é', 1.5e300] })
    expect(on(readJson, '1152921504606846976')).toBe(2 ** 60)
    expect(on(readJson, '"9007199254740993"')).toBe('9007199254740993')
    for (const text of ['9007199254740993', '[0.1000000000000000055]', '{"a":1e400}']) {
      expect(() => on(readJson, text)).toThrow("'exact'")
    }
  })

  it('has __proto__ as a member like any other, also where numbers are checked', () => {
    for (const number of ['1', '1152921504606846976']) {
      const read = on(readJson, `{"__proto__":{"a":${number}}}`) as object
      expect(Object.keys(read)).toEqual(['__proto__'])
      expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    }
  })

  it('is not quoted by the error that refuses it', () => {
    let error: unknown
    try {
      on(readJson, '{"password": swordfish}')
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ValueError)
    expect(String([error, (error as Error).cause])).not.toContain('sword')
  })
})

describe('ranges', () => {
  const range = rangeReader(readString)
  const multirange = multirangeReader(readInteger)

  it('have bounds, which may be missing, quoted or empty text', () => {
    const whole = { empty: false, lowerInclusive: true, upperInclusive: false }
    expect(on(range, '[1,5)')).toEqual({ ...whole, lower: '1', upper: '5' })
    expect(on(range, '(,)')).toEqual({
      ...whole,
      lowerInclusive: false,
      lower: null,
      upper: null,
    })
    expect(on(range, '["a""b\\\\,","")')).toEqual({ ...whole, lower: 'a"b\\,', upper: '' })
    expect(on(range, 'empty')).toMatchObject({ empty: true, lower: null, upper: null })
  })

  it('come in lists', () => {
    expect(on(multirange, '{}')).toEqual([])
    expect(on(multirange, '{[1,3),[5,9)}')).toMatchObject([
      { lower: 1, upper: 3 },
      { lower: 5, upper: 9 },
    ])
  })

  it.each(['', '[', '[1', '[1,', '[1,2', '1,2)', '[1)', '[1,2,3)', '[1,2)x', '["1,2)', '[(1,2)'])(
    'refuse %j',
    (text) => {
      expect(() => on(range, text)).toThrow(ValueError)
      expect(() => on(multirange, `{${text || 'x'}}`)).toThrow(ValueError)
    },
  )
})

describe('a composite value', () => {
  const read = compositeReader([
    { name: 'a', read: readInteger },
    { name: '__proto__', read: readString },
  ])

  it('is an object with a property for each attribute', () => {
    const row = on(read, '(1,"x ""y"" \\\\ (z)")') as object
    expect(Object.entries(row)).toEqual([
      ['a', 1],
      ['__proto__', 'x "y" \\ (z)'],
    ])
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
    expect(Object.entries(on(read, '(,"")') as object)).toEqual([
      ['a', null],
      ['__proto__', ''],
    ])
  })

  it.each(['', '(', '()', '(1)', '(1,2', '1,2)', '(1,2,3)', '(1,"2)', '(1,"2"3)', '(1,(2))'])(
    'refuses %j',
    (text) => {
      expect(() => on(read, text)).toThrow(MalformedCompositeError)
    },
  )
})
