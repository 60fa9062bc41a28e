import { expect, it } from 'vitest'
import { progressOn } from './progress.ts'

function recording(isTTY: boolean) {
  const written: string[] = []
  return { written, isTTY, columns: 20, write: (text: string) => written.push(text) }
}

it('writes one line a phase where nobody watches', async () => {
  const output = recording(false)
  const progress = progressOn(output)
  await progress.phase('workload')
  progress.detail('round 1 of 7')
  progress.clear()
  expect(output.written).toEqual(['workload\n'])
})

it('keeps to one line of a terminal and takes it away', async () => {
  const output = recording(true)
  const progress = progressOn(output)
  await progress.phase('workload')
  progress.detail('round 1 of 7 of many more')
  progress.clear()
  const start = '\r\u001b[2K'
  expect(output.written).toEqual([`${start}workload`, `${start}workload: round 1 o`, start])
})

it('gives timers a turn at each phase', async () => {
  let fired = false
  setImmediate(() => {
    fired = true
  })
  await progressOn(recording(false)).phase('next')
  expect(fired).toBe(true)
})
