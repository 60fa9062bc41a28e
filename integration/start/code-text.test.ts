import { expect, it } from 'vitest'
import { codeText } from './code-text.ts'

it('shows the expression of a function', () => {
  expect(codeText('async () => await repo.count(posts)')).toBe('await repo.count(posts)')
  expect(codeText('() => 1')).toBe('1')
})

it('moves an expression of several lines to the left', () => {
  const source = `async () =>
        await repo.insert(
          posts,
          { id: 1 },
        )`
  expect(codeText(source)).toBe('await repo.insert(\n  posts,\n  { id: 1 },\n)')
})

it('shows the statements of a block', () => {
  const source = `async () => {
        const posts = await repo.all(all)

        return posts.map((post) => {
          return post.id
        })
      }`
  expect(codeText(source)).toBe(
    'const posts = await repo.all(all)\n\nreturn posts.map((post) => {\n  return post.id\n})',
  )
})

it('refuses what is no arrow function without parameters', () => {
  expect(() => codeText('function () {}')).toThrow('arrow functions')
})
