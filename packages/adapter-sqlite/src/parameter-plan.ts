import { MisuseError } from '@mortise/core/adapter'

/** How a statement takes its parameters. */
export interface ParameterPlan {
  /** How many values it takes. */
  readonly count: number
  /** Whether they are numbered, `?1` or `$1`, instead of being taken in the order of their `?`. */
  readonly numbered: boolean
}

const none: ParameterPlan = Object.freeze({ count: 0, numbered: false })
const numberedParameter = /^[?$:@]([1-9][0-9]{0,5})$/

/** Collects the parameters of one statement as its text is read. */
export class ParameterReader {
  #positional = 0
  #sigil = ''
  #numbers: Set<number> | undefined

  /**
   * Takes one parameter's text.
   *
   * @throws MisuseError `PARAMETERS_INVALID`: a named parameter, or two ways to write them mixed.
   */
  add(text: string): void {
    if (text === '?') this.#positional++
    else {
      const number = numberedParameter.exec(text)?.[1]
      const sigil = text[0] as string
      if (number === undefined) {
        throw invalid(`the parameter "${text}" has a name, and values come in a list`)
      }
      if (this.#sigil !== '' && this.#sigil !== sigil) throw mixed()
      this.#sigil = sigil
      this.#numbers ??= new Set()
      this.#numbers.add(Number(number))
    }
    if (this.#positional > 0 && this.#numbers !== undefined) throw mixed()
  }

  /** @throws MisuseError `PARAMETERS_INVALID`: a number is left out. */
  plan(): ParameterPlan {
    const numbers = this.#numbers
    if (numbers === undefined) {
      return this.#positional === 0 ? none : { count: this.#positional, numbered: false }
    }
    const count = Math.max(...numbers)
    if (numbers.size !== count) {
      throw invalid(`the parameters are numbered up to ${count}, and not every number is used`)
    }
    return { count, numbered: true }
  }
}

/**
 * What a driver binds: the list itself, or an object by number.
 *
 * @throws MisuseError `PARAMETERS_INVALID`: more or fewer values than the statement takes.
 */
export function bindings(plan: ParameterPlan, parameters: readonly unknown[]): Bindings {
  if (parameters.length !== plan.count) {
    const takes = `${plan.count} ${plan.count === 1 ? 'parameter' : 'parameters'}`
    throw invalid(`the statement takes ${takes} and was given ${parameters.length}`)
  }
  if (!plan.numbered) return parameters
  const byNumber: { [number: string]: unknown } = {}
  for (let i = 0; i < parameters.length; i++) byNumber[i + 1] = parameters[i]
  return byNumber
}

export type Bindings = readonly unknown[] | { readonly [number: string]: unknown }

function mixed(): MisuseError {
  return invalid('the statement writes its parameters in two ways')
}

function invalid(problem: string): MisuseError {
  return new MisuseError(
    'PARAMETERS_INVALID',
    `${problem}; write ? for each value in order, or ?1, ?2, … for values by number`,
  )
}
