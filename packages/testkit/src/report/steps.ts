import type { FailureCard } from '../run/index.ts'

/** The failure of a step, as its author reads it: which step, what to write, what came instead. */
export function stepLine(failure: FailureCard): string | undefined {
  const { step } = failure
  if (step === undefined) return undefined
  return `Step ${step.number} of ${step.of}: ${step.text}; got ${failure.seen}`
}

/** What to do after a step: mend it, then go on with the next. */
export function nextStep(
  failure: FailureCard,
  steps: readonly { readonly id: string; readonly step?: string | undefined }[],
): string | undefined {
  if (failure.step === undefined) return undefined
  const next = steps[failure.step.number]
  return next?.step === undefined
    ? 'This is the last step: the whole suite comes after it.'
    : `Then step ${failure.step.number + 1}: ${next.step}`
}
