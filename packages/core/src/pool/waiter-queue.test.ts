import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Queued, WaiterQueue } from './waiter-queue.ts'

class Entry implements Queued<Entry> {
  queuedIn: object | undefined = undefined
  previous: Entry | undefined = undefined
  next: Entry | undefined = undefined
  readonly id: number

  constructor(id: number) {
    this.id = id
  }
}

it('serves in order and lets anybody leave, like a list does', () => {
  const step = fc.oneof(
    fc.constant({ kind: 'push' as const }),
    fc.constant({ kind: 'shift' as const }),
    fc.record({ kind: fc.constant('remove' as const), at: fc.nat(50) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const queue = new WaiterQueue<Entry>()
      const all: Entry[] = []
      const model: Entry[] = []
      for (const each of steps) {
        if (each.kind === 'push') {
          const entry = new Entry(all.length)
          all.push(entry)
          model.push(entry)
          queue.push(entry)
        } else if (each.kind === 'shift') {
          expect(queue.shift()).toBe(model.shift())
        } else {
          const entry = all[each.at % Math.max(1, all.length)]
          if (entry === undefined) continue
          const place = model.indexOf(entry)
          expect(queue.remove(entry)).toBe(place >= 0)
          if (place >= 0) model.splice(place, 1)
        }
        expect(queue.length).toBe(model.length)
        expect(queue.first).toBe(model[0])
      }
      while (model.length > 0) expect(queue.shift()).toBe(model.shift())
      expect(queue.shift()).toBeUndefined()
    }),
  )
})

it('does not touch an entry of another queue', () => {
  const one = new WaiterQueue<Entry>()
  const other = new WaiterQueue<Entry>()
  const entry = new Entry(1)
  one.push(entry)
  expect(other.remove(entry)).toBe(false)
  expect(one.length).toBe(1)
})
