import { describe, expect, it } from 'vitest'
import { parseConnectionString } from './connection-string.ts'

const parsed = (text: string) => ({ ...parseConnectionString(text) })

describe('a URI', () => {
  it.each([
    ['postgres://', {}],
    ['postgresql://localhost', { host: 'localhost' }],
    ['postgres://localhost:5433', { host: 'localhost', port: '5433' }],
    ['postgres://localhost/mydb', { host: 'localhost', dbname: 'mydb' }],
    ['postgres://user@localhost', { user: 'user', host: 'localhost' }],
    [
      'postgres://user:se%40c%2Fr%3Aet%25@localhost',
      { user: 'user', password: 'se@c/r:et%', host: 'localhost' },
    ],
    ['postgres://u:1?hunter=2@h', { user: 'u', password: '1?hunter=2', host: 'h' }],
    ['postgres://u:a:b@h', { user: 'u', password: 'a:b', host: 'h' }],
    [
      'postgres://other@localhost/otherdb?connect_timeout=10&application_name=my+app',
      {
        user: 'other',
        host: 'localhost',
        dbname: 'otherdb',
        connect_timeout: '10',
        application_name: 'my+app',
      },
    ],
    ['postgres://[2001:db8::1234]:5433/db', { host: '2001:db8::1234', port: '5433', dbname: 'db' }],
    ['postgres://%2Fvar%2Flib%2Fpg/db', { host: '/var/lib/pg', dbname: 'db' }],
    ['postgres:///db?host=/var/lib/pg&port=1', { host: '/var/lib/pg', dbname: 'db', port: '1' }],
    [
      'postgres://h/db?options=-c%20geqo%3Doff',
      { host: 'h', dbname: 'db', options: '-c geqo=off' },
    ],
    ['postgres://h?ssl=true', { host: 'h', sslmode: 'require' }],
    ['postgres://u@h?user=me@tenant', { host: 'h', user: 'me@tenant' }],
    ['postgres://h?__proto__=x', JSON.parse('{"host":"h","__proto__":"x"}')],
  ])('%s', (text, settings) => {
    expect(Object.entries(parsed(text)).sort()).toEqual(Object.entries(settings).sort())
  })
})

describe('pairs', () => {
  it.each([
    ['host=localhost port=5432 dbname=mydb', { host: 'localhost', port: '5432', dbname: 'mydb' }],
    ["password='a b\\'c\\\\d'  user = me", { password: "a b'c\\d", user: 'me' }],
    ["host=h password='' user=u", { host: 'h', user: 'u' }],
    ['password=a\\ b', { password: 'a b' }],
    [' host=h ', { host: 'h' }],
  ])('%s', (text, settings) => {
    expect(parsed(text)).toEqual(settings)
  })
})

it.each([
  'localhost',
  'http://h/hunter2',
  'postgres://u:hun@ter2@h/db',
  'postgres://u:hunter/2@h/db',
  'postgres://u:12/hunter2@h/db',
  'postgres://u:hunter%ZZ@h/db',
  'postgres://u:hunter2%00@h/db',
  'postgres://u:hunter2@a,b/db',
  'postgres://u@h/db?hunter2',
  'postgres://u@h/db?a=hunter=2',
  'postgres://[::1/hunter2',
  'host=h password=hun ter2',
  "password='hunter2",
  'password=hunter2 =',
])('refuses %s and shows nothing of it', (text) => {
  let error: unknown
  try {
    parseConnectionString(text)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toMatchObject({ name: 'MisuseError', code: 'OPTION_INVALID' })
  expect((error as Error).cause).toBeUndefined()
  expect(String(error)).not.toMatch(/hun|ter2/)
})
