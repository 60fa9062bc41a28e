/** A stack as the engine keeps it; the text is made when it is read. */
export interface CapturedStack {
  readonly stack?: string
}

/** How many frames: the caller's own come after those of the layers between. */
const frames = 30

/** Remembers who is calling, without the frames of `below` and what it called. */
export function captureStack(below: (...args: never[]) => unknown): CapturedStack {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = frames
  const captured: CapturedStack = {}
  Error.captureStackTrace(captured, below)
  Error.stackTraceLimit = before
  return captured
}

/** The frames as text, one a line, or undefined where none were captured. */
export function stackText(captured: CapturedStack | undefined): string | undefined {
  const text = captured?.stack
  return text?.slice(text.indexOf('\n') + 1)
}
