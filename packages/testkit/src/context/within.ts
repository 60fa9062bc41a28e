/** What `within` answers when the time was up first. */
export const late: unique symbol = Symbol('late')

/** The answer of a call, or `late` after `ms` milliseconds. The call itself goes on unheard. */
export async function within<T>(ms: number, call: () => T | Promise<T>): Promise<T | typeof late> {
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<typeof late>((resolve) => {
    timer = setTimeout(resolve, ms, late)
  })
  try {
    const answer = (async () => await call())()
    answer.catch(() => {})
    return await Promise.race([answer, timeUp])
  } finally {
    clearTimeout(timer)
  }
}

/** Lets everything that is already due happen: promises, `setImmediate`, closing handles. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Waits until `holds`, for at most `ms`; answers whether it came to hold. */
export async function until(ms: number, holds: () => boolean): Promise<boolean> {
  const end = performance.now() + ms
  while (!holds()) {
    if (performance.now() > end) return false
    await turn()
  }
  return true
}
