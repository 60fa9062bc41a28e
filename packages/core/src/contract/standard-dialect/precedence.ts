import type { Expression } from '../expression.ts'

/** How tightly an expression's outermost operator binds. */
export const precedence = {
  /** Text of the caller's own: nothing is known of it. */
  unknown: 0,
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  sum: 5,
  term: 6,
} as const

/** The precedence of `expression` as the standard writers write it. */
export function precedenceOf(expression: Expression): number {
  switch (expression.kind) {
    case 'raw':
      return precedence.unknown
    case 'and':
    case 'or': {
      const [only, second] = expression.terms
      if (only === undefined) return precedence.comparison
      return second === undefined ? precedenceOf(only) : precedence[expression.kind]
    }
    case 'not':
      return precedence.not
    case 'compare':
    case 'in':
    case 'null':
      return precedence.comparison
    case 'add':
      return precedence.sum
    default:
      return precedence.term
  }
}
