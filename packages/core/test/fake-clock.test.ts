import { expect, it } from 'vitest'
import { FakeClock } from './fake-clock.ts'

it('fires due timers in order, with everything that follows from one before the next', async () => {
  const clock = new FakeClock()
  const seen: string[] = []
  clock.setTimeout(() => seen.push('third'), 20)
  clock.setTimeout(() => {
    seen.push('first')
    void Promise.resolve()
      .then(() => {})
      .then(() => clock.setTimeout(() => seen.push('second'), 5))
  }, 10)
  await clock.advance(19)
  expect(seen).toEqual(['first', 'second'])
  await clock.advance(1)
  expect(seen).toEqual(['first', 'second', 'third'])
  expect(clock.now()).toBe(1_020)
})

it('keeps equal times in the order they were set and forgets cleared timers', () => {
  const clock = new FakeClock()
  const seen: number[] = []
  const handles = Array.from({ length: 50 }, (_, i) => clock.setTimeout(() => seen.push(i), 7))
  for (let i = 0; i < 50; i += 2) clock.clearTimeout(handles[i])
  clock.clearTimeout(handles[0])
  expect(clock.pending).toBe(25)
  clock.advanceSync(7)
  expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => 2 * i + 1))
  expect(clock.pending).toBe(0)
})
