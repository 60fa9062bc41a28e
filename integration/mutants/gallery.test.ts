import { rules } from '@mortise/testkit'
import { expect, it } from 'vitest'
import { gallery } from './gallery.ts'

it('has mutants with names of their own, killed by rules that exist', () => {
  const names = gallery.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  const ids = new Set(rules.map(({ id }) => id))
  const unknown = gallery
    .flatMap(({ killedBy }) => killedBy.map(({ rule }) => rule))
    .filter((id) => !ids.has(id))
  expect(unknown).toEqual([])
})
