import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryDatabase, postgres, run, sqlite, sqliteDescription } from '../../testing/dialects.ts'
import type { ComparisonOperator, Expression, RawExpression } from '../expression.ts'
import { standardDialect } from './standard-dialect.ts'

const table = { kind: 'table', name: 't' } as const
const a: Expression = { kind: 'column', name: 'a' }
const b: Expression = { kind: 'column', name: 'b' }
const slot = (index: number): Expression => ({ kind: 'slot', slot: index })

function text(expression: Expression, dialect = sqlite): string {
  const { sql } = dialect.compile({ kind: 'select', table, columns: [expression] })
  return sql.replace(/^select /, '').replace(/ from "t"$/, '')
}

describe('expressions', () => {
  it.each<[Expression, string]>([
    [{ kind: 'and', terms: [] }, '1 = 1'],
    [{ kind: 'or', terms: [] }, '1 = 0'],
    [{ kind: 'and', terms: [{ kind: 'or', terms: [a, b] }] }, '"a" or "b"'],
    [{ kind: 'and', terms: [{ kind: 'or', terms: [a, b] }, a] }, '("a" or "b") and "a"'],
    [{ kind: 'or', terms: [{ kind: 'and', terms: [a, b] }, a] }, '"a" and "b" or "a"'],
    [{ kind: 'not', of: { kind: 'null', of: a, negated: false } }, 'not ("a" is null)'],
    [{ kind: 'in', left: a, list: [] }, '1 = 0'],
    [{ kind: 'in', left: a, list: [slot(0), slot(1)] }, '"a" in (?, ?)'],
    [{ kind: 'count' }, 'count(*)'],
    [{ kind: 'column', name: 'a', of: { ...table, prefix: 's' } }, '"s"."t"."a"'],
    [
      { kind: 'compare', operator: '<', left: { kind: 'add', left: a, right: b }, right: slot(0) },
      '"a" + "b" < ?',
    ],
    [{ kind: 'add', left: a, right: { kind: 'add', left: a, right: b } }, '"a" + ("a" + "b")'],
    [
      { kind: 'null', of: { kind: 'compare', operator: '=', left: a, right: b }, negated: true },
      '("a" = "b") is not null',
    ],
    [{ kind: 'add', left: a, right: { kind: 'literal', value: -1 } }, '"a" + (-1)'],
  ])('are written with the parentheses they need: %#', (expression, sql) => {
    expect(text(expression)).toBe(sql)
  })

  it('names a slot once in numbered placeholders and at every place in positional ones', () => {
    const twice: Expression = {
      kind: 'or',
      terms: [
        { kind: 'compare', operator: '=', left: a, right: slot(1) },
        { kind: 'compare', operator: '=', left: b, right: slot(0) },
        { kind: 'compare', operator: '>', left: b, right: slot(1) },
      ],
    }
    const select = { kind: 'select', table, columns: [a], where: twice } as const
    expect(sqlite.compile(select)).toEqual({
      sql: 'select "a" from "t" where "a" = ? or "b" = ? or "b" > ?',
      slots: [1, 0, 1],
    })
    expect(postgres.compile(select)).toEqual({
      sql: 'select "a" from "t" where "a" = $1 or "b" = $2 or "b" > $1',
      slots: [1, 0],
    })
    const named = sqlite.extend({ placeholders: { style: 'named', prefix: '@' } })
    expect(named.compile(select)).toEqual({
      sql: 'select "a" from "t" where "a" = @p1 or "b" = @p2 or "b" > @p1',
      slots: [1, 0],
    })
  })

  it('refuses a kind that does not exist', () => {
    const wrong = { kind: 'xor', terms: [] } as unknown as Expression
    expect(() => text(wrong)).toThrow(expect.objectContaining({ code: 'OPERATION_INVALID' }))
    expect(() => sqlite.compile({ kind: 'merge' } as never)).toThrow('no operation or expression')
  })
})

describe('raw text', () => {
  const raw = (...parts: RawExpression['parts']): RawExpression => ({ kind: 'raw', parts })

  it('holds values as placeholders and names quoted', () => {
    const statement = raw('select ', a, ', ', { kind: 'identifier', name: 'x"y' }, ' from ', {
      ...table,
      prefix: 's',
    })
    const nested = raw(statement, ' where ', a, ' = ', slot(0), ' or ', b, ' = ', slot(0))
    expect(postgres.compile(nested)).toEqual({
      sql: 'select "a", "x""y" from "s"."t" where "a" = $1 or "b" = $1',
      slots: [0],
    })
  })

  it('is put in parentheses as an operand, and puts its own operands in parentheses', () => {
    const either = raw('a or b')
    expect(text({ kind: 'and', terms: [either, a] })).toBe('(a or b) and "a"')
    expect(text({ kind: 'compare', operator: '=', left: either, right: a })).toBe('(a or b) = "a"')
    expect(text(raw('not ', { kind: 'and', terms: [a, b] }))).toBe('not ("a" and "b")')
    expect(text({ kind: 'in', left: a, list: [raw('select 1')] })).toBe('"a" in (select 1)')
  })

  it('keeps what stands side by side apart', () => {
    const literal = { kind: 'literal', value: "it's" } as const
    const name = { kind: 'identifier', name: 'n' } as const
    expect(text(raw(slot(0), '0'), postgres)).toBe('$1 0')
    expect(text(raw(slot(0), slot(1)), postgres)).toBe('$1 $2')
    expect(text(raw(slot(0), '::text'), postgres)).toBe('$1::text')
    expect(text(raw(name, name))).toBe('"n" "n"')
    expect(text(raw(literal, literal))).toBe("'it''s' 'it''s'")
    expect(text(raw('e', literal), postgres)).toBe("e 'it''s'")
    expect(text(raw('x-', { kind: 'literal', value: -1 }))).toBe('x-(-1)')
    expect(text(raw('x', 'y', '1'))).toBe('xy1')
  })
})

type Value = number | null
interface Row {
  readonly a: Value
  readonly b: Value
}

const truth = (value: boolean | null): Value => (value === null ? null : value ? 1 : 0)

const comparisons: Record<ComparisonOperator, (left: number, right: number) => boolean> = {
  '=': (left, right) => left === right,
  '<>': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  like: (left, right) => left === right,
}

/** What an expression means, by SQL's three-valued logic over integers. */
function evaluate(expression: Expression, row: Row, values: readonly Value[]): Value {
  const of = (each: Expression): Value => evaluate(each, row, values)
  switch (expression.kind) {
    case 'slot':
      return values[expression.slot] ?? null
    case 'column':
      return row[expression.name as 'a' | 'b']
    case 'literal':
      return expression.value as Value
    case 'compare': {
      const [left, right] = [of(expression.left), of(expression.right)]
      if (left === null || right === null) return null
      return truth(comparisons[expression.operator](left, right))
    }
    case 'in': {
      const left = of(expression.left)
      const list = expression.list.map(of)
      if (list.length === 0) return 0
      if (left === null) return null
      if (list.includes(left)) return 1
      return list.includes(null) ? null : 0
    }
    case 'null':
      return truth((of(expression.of) === null) !== expression.negated)
    case 'not': {
      const value = of(expression.of)
      return value === null ? null : truth(value === 0)
    }
    case 'and': {
      const terms = expression.terms.map(of)
      if (expression.terms.length === 1) return terms[0] ?? null
      return terms.includes(0) ? 0 : terms.includes(null) ? null : 1
    }
    case 'or': {
      const terms = expression.terms.map(of)
      if (expression.terms.length === 1) return terms[0] ?? null
      return terms.some((term) => term !== null && term !== 0) ? 1 : terms.includes(null) ? null : 0
    }
    case 'add': {
      const [left, right] = [of(expression.left), of(expression.right)]
      return left === null || right === null ? null : left + right
    }
    case 'raw': {
      const terms = expression.parts.filter((part) => typeof part !== 'string') as Expression[]
      return evaluate({ kind: 'or', terms }, row, values)
    }
    default:
      throw new Error(`no meaning for ${expression.kind}`)
  }
}

const value = fc.option(fc.integer({ min: -3, max: 3 }), { nil: null })

const tree = fc.letrec<{ node: Expression; leaf: Expression }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(a, b),
    fc.nat(2).map(slot),
    value.map((each): Expression => ({ kind: 'literal', value: each })),
  ),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.record({
      kind: fc.constant('compare' as const),
      operator: fc.constantFrom(...(Object.keys(comparisons) as ComparisonOperator[])),
      left: tie('node'),
      right: tie('node'),
    }),
    fc.record({
      kind: fc.constant('in' as const),
      left: tie('node'),
      list: fc.array(tie('node'), { maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('null' as const), of: tie('node'), negated: fc.boolean() }),
    fc.record({ kind: fc.constant('not' as const), of: tie('node') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      terms: fc.array(tie('node'), { maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('add' as const), left: tie('node'), right: tie('node') }),
    fc
      .tuple(tie('node'), tie('node'))
      .map(([left, right]): Expression => ({ kind: 'raw', parts: [left, ' or ', right] })),
  ),
}))

describe('random expression trees', () => {
  const numbered = standardDialect({
    ...sqliteDescription,
    placeholders: { style: 'numbered', prefix: '?' },
  })

  it('mean to SQLite what they mean, with either kind of placeholder', () => {
    const database = memoryDatabase('create table t (a integer, b integer)')
    const insert = database.prepare('insert into t values (?, ?)')
    fc.assert(
      fc.property(
        tree.node,
        fc.record({ a: value, b: value }),
        fc.tuple(value, value, value),
        (expression, row, values) => {
          database.exec('delete from t')
          insert.run(row.a, row.b)
          const named: Expression = { kind: 'raw', parts: ['(', expression, ') as v'] }
          const select = { kind: 'select', table, columns: [named] } as const
          // A number would be bound as a float, and `like` would see its ".0".
          const integers = values.map((each) => (each === null ? null : BigInt(each)))
          const expected = [{ v: evaluate(expression, row, values) }]
          expect(run(database, select, integers)).toEqual(expected)
          expect(run(database, select, integers, numbered)).toEqual(expected)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
