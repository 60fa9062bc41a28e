export { failureText } from './failure-text.ts'
export { type Paint, paintOf } from './paint.ts'
export { nextStep } from './steps.ts'
export { summaryText } from './summary.ts'
