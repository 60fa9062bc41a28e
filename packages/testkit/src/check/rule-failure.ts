/** A rule was broken: what it expected and what it saw, in words. */
export class RuleFailure extends Error {
  override readonly name: string = 'RuleFailure'
  readonly expected: string
  readonly seen: string

  constructor(
    what: string,
    expected: string,
    seen: string,
    options?: { readonly cause?: unknown },
  ) {
    super(`${what}: expected ${expected}, seen ${seen}`, options)
    this.expected = expected
    this.seen = seen
  }
}

/** The rule turned out not to apply, by a fact of the database that no manifest entry states. */
export class NotApplicable extends Error {
  override readonly name: string = 'NotApplicable'
}
