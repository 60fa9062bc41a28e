export { failureText } from './failure-text.ts'
export { type Paint, paintOf } from './paint.ts'
export { nextStep, stepLine } from './steps.ts'
export { summaryText, verdict } from './summary.ts'
