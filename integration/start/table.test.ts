import { expect, it } from 'vitest'
import { textTable } from './table.ts'

it('aligns numbers to the right and leaves no blanks at the end of a line', () => {
  const table = textTable(
    [{ heading: 'stage' }, { heading: 'ms', align: 'right' }, { heading: 'note' }],
    [
      ['cache off', '900', ''],
      ['on', '61', 'warm'],
    ],
  )
  expect(table.split('\n')).toEqual([
    '  stage       ms  note',
    '  ─────────  ───  ────',
    '  cache off  900',
    '  on          61  warm',
  ])
})

it('does not count colours as width', () => {
  const [, , first, second] = textTable(
    [{ heading: 'result' }, { heading: 'x' }],
    [
      ['\u001b[32mok\u001b[39m', '1'],
      ['failed', '2'],
    ],
  ).split('\n')
  expect(first).toBe('  \u001b[32mok\u001b[39m      1')
  expect(second).toBe('  failed  2')
})
