import { inspect } from 'node:util'
import { CardinalityError, defineTable, type Repo, type RollbackError, sql, t } from '@mortise/core'
import { describe, expect, test } from 'vitest'
import { databases, openRepo } from './databases.ts'

const secret = 'geheim-4711'

const users = defineTable('users', {
  id: t.id(),
  mail: t.text(),
  password: t.text({ nullable: true }),
  age: t.integer({ nullable: true }),
  role: t.enum(['user', 'admin'], { default: 'user' }),
  meta: t.json({ nullable: true }),
})

const schema = `
  create table users (
    id integer primary key, mail text not null unique, password text constraint length check (length(password) < 12),
    age integer, role text not null, meta text
  ) strict;
`

// biome-ignore lint/suspicious/noExplicitAny: what the types refuse is what is tested
type Any = any

/** Calls that fail, each for another reason, each with the secret among its values. */
const failures: Record<string, (repo: Repo) => unknown> = {
  'a unique violation': (repo) => repo.insert(users, { mail: secret }),
  'a unique violation of many rows': (repo) =>
    repo.insertAll(users, [{ mail: 'x' }, { mail: secret }]),
  'a check violation': (repo) => repo.insert(users, { mail: 'b', password: `${secret}!` }),
  'a not null violation': (repo) =>
    repo.query(sql`insert into users (mail, role) values (null, ${secret})`),
  'a wrong type in the database': (repo) =>
    repo.query(sql`insert into users (mail, role, age) values ('c', 'user', ${secret})`),
  'a syntax error': (repo) => repo.query(sql`select ${secret} frm users`),
  'an unknown table': (repo) => repo.query(sql`select ${secret} from nowhere`),
  'a value of the wrong type': (repo) => repo.insert(users, { mail: 'd', age: secret as Any }),
  'a value of no type': (repo) => repo.query(sql`select ${{ secret } as Any}`),
  'an enum that has no such member': (repo) =>
    repo.insert(users, { mail: 'e', role: secret as Any }),
  'a document that JSON cannot say': (repo) =>
    repo.insert(users, { mail: 'f', meta: { secret, f: Number.NaN } as Any }),
  'a condition of the wrong type': (repo) =>
    repo.all(users, { where: { age: { gt: secret as Any } } }),
  'a list of the wrong type': (repo) => repo.all(users, { where: { age: [secret as Any] } }),
  'a key of the wrong type': (repo) => repo.get(users, secret as Any),
  'more rows than one': (repo) => repo.one(users, { where: { mail: [secret, `${secret}2`] } }),
  'a stored value that does not fit': async (repo) => {
    await repo.query(sql`update users set meta = ${`{"${secret}"`}`)
    return repo.all(users)
  },
  'a key twice in one batch': (repo) =>
    repo.insertAll(users, [{ mail: secret }, { mail: secret }], {
      onConflict: 'replace_all_except_primary_key',
      conflictTarget: 'mail',
    }),
  'a wrong option': (repo) => repo.insert(users, { mail: secret }, { password: secret } as Any),
  'a wrong parameter of a text': (repo) => repo.query('select ?', [[secret]]),
  'too many parameters': (repo) =>
    repo.query(sql`select ${sql.join(new Array(40_000).fill(secret))}`),
  'a call after a failed one': (repo) =>
    repo.transaction(async () => {
      await repo.insert(users, { mail: secret }).catch(() => {})
      await repo.insert(users, { mail: `${secret}3` })
    }),
  'a rollback with a value': (repo) => repo.transaction(() => repo.rollback({ secret })),
}

describe.each(databases)('an error on %s', (_name, adapter) => {
  test.each(Object.entries(failures))('of %s shows no value', async (_what, fail) => {
    const repo = await openRepo(adapter(), schema)
    await repo.insertAll(users, [{ mail: secret, password: secret }, { mail: `${secret}2` }])
    const error = await Promise.resolve()
      .then(() => fail(repo))
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
    expect(error).toBeInstanceOf(Error)
    const { message, stack, cause } = error as Error
    const causes = [cause, (cause as Error | undefined)?.cause]
    for (const shown of [
      message,
      stack,
      String(error),
      JSON.stringify(error),
      JSON.stringify({ error, causes }),
      inspect(error, { depth: 20, showHidden: true, getters: false }),
      inspect(Object.assign({}, error)),
    ]) {
      expect(shown).not.toContain(secret)
    }
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      name: (error as Error).name,
      code: expect.stringMatching(/^[A-Z_]+$/),
      message,
    })
  })

  test('has the caller in its stack', async () => {
    const repo = await openRepo(adapter(), schema)
    await repo.insert(users, { mail: secret })
    async function signUp(): Promise<void> {
      await repo.insert(users, { mail: secret })
    }
    const error = await signUp().catch((thrown: Error) => thrown)
    expect((error as Error).stack).toContain('signUp')
  })

  test('keeps what belongs to the caller, for the caller', async () => {
    const repo = await openRepo(adapter(), schema)
    const value = { secret }
    const error = await repo
      .transaction(() => repo.rollback(value))
      .catch((thrown: unknown) => thrown)
    expect((error as RollbackError).value).toBe(value)
    await repo.insert(users, { mail: secret })
    const violation = await repo.insert(users, { mail: secret }).catch((thrown: unknown) => thrown)
    expect((violation as Any).native).toBeInstanceOf(Error)
    expect(violation).not.toBeInstanceOf(CardinalityError)
  })
})
