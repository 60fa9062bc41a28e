import { expect, it } from 'vitest'
import { findPassword, passFileFlaw } from './pgpass.ts'

const key = { host: 'db.example.com', port: 5432, database: 'app', user: 'me' }

it.each([
  ['db.example.com:5432:app:me:secret', 'secret'],
  ['other:5432:app:me:no\ndb.example.com:5432:app:me:yes\n*:*:*:*:late', 'yes'],
  ['*:*:*:me:any\r\n', 'any'],
  ['# *:*:*:*:comment\n*:*:*:*:line', 'line'],
  ['*:*:*:*:a\\:b\\\\c', 'a:b\\c'],
  ['*:*:*:*:ends:here', 'ends'],
  ['*:*:*:*:', ''],
  ['\\*:*:*:*:literal', undefined],
  ['db.example.com:5433:app:me:port', undefined],
  ['db.example.com:5432:app:you:user', undefined],
  ['*:*:*:me', undefined],
  ['', undefined],
])('finds the password of %j', (text, password) => {
  expect(findPassword(text, key)).toBe(password)
})

it('knows names with colons and backslashes', () => {
  const odd = { host: '::1', port: 5432, database: 'a\\b', user: 'me' }
  expect(findPassword('\\:\\:1:5432:a\\\\b:me:found', odd)).toBe('found')
})

it('calls a socket in the usual folder localhost', () => {
  const socket = { ...key, host: '/var/run/postgresql' }
  expect(findPassword('localhost:*:*:*:local', socket)).toBe('local')
  expect(findPassword('localhost:*:*:*:local', { ...key, host: '/srv/pg' })).toBe(undefined)
})

it.skipIf(process.platform === 'win32').each([
  [0o100600, undefined],
  [0o100400, undefined],
  [0o100640, 'readable_by_others'],
  [0o100604, 'readable_by_others'],
])('judges the permissions %o', (mode, flaw) => {
  expect(passFileFlaw({ mode, isFile: () => true })).toBe(flaw)
})

it('takes plain files only', () => {
  expect(passFileFlaw({ mode: 0o600, isFile: () => false })).toBe('not_a_file')
})
