import { describe, expect, it } from 'vitest'
import { memoryDatabase, mysql, postgres, sqlite } from '../../testing/dialects.ts'
import type { TransactionCommand } from '../transaction-command.ts'

const modes = {
  kind: 'begin',
  isolation: 'serializable',
  readOnly: true,
  deferrable: true,
} as const

describe('transaction commands', () => {
  it.each<[TransactionCommand, string]>([
    [{ kind: 'begin' }, 'start transaction'],
    [{ kind: 'begin', isolation: 'snapshot' }, 'start transaction isolation level snapshot'],
    [modes, 'start transaction isolation level serializable, read only, deferrable'],
    [{ kind: 'commit' }, 'commit'],
    [{ kind: 'rollback' }, 'rollback'],
    [{ kind: 'savepoint', name: 'a"b' }, 'savepoint "a""b"'],
    [{ kind: 'release', name: 'a' }, 'release savepoint "a"'],
    [{ kind: 'rollback_to', name: 'a' }, 'rollback to savepoint "a"'],
  ])('are standard SQL: %#', (command, sql) => {
    expect(postgres.transaction(command)).toEqual([sql])
  })

  it('set the isolation level first where described so', () => {
    expect(
      mysql.transaction({ kind: 'begin', isolation: 'read committed', readOnly: true }),
    ).toEqual(['set transaction isolation level read committed', 'start transaction read only'])
    expect(mysql.transaction({ kind: 'begin' })).toEqual(['start transaction'])
  })

  it('begin as the description says', () => {
    expect(sqlite.transaction(modes)).toEqual(['begin'])
    expect(sqlite.transaction({ kind: 'begin' })).toEqual(['begin immediate'])
  })

  it('refuse an isolation level that does not exist', () => {
    const wrong = { kind: 'begin', isolation: 'none; drop table posts' } as unknown
    for (const dialect of [postgres, mysql, sqlite])
      expect(() => dialect.transaction(wrong as TransactionCommand)).toThrow('no isolation level')
  })

  it('nest in SQLite', () => {
    const database = memoryDatabase('create table t (a)')
    const send = (command: TransactionCommand) => {
      for (const sql of sqlite.transaction(command)) database.exec(sql)
    }
    send({ kind: 'begin' })
    database.exec('insert into t values (1)')
    send({ kind: 'savepoint', name: 'inner' })
    database.exec('insert into t values (2)')
    send({ kind: 'rollback_to', name: 'inner' })
    send({ kind: 'release', name: 'inner' })
    send({ kind: 'commit' })
    expect(database.isTransaction).toBe(false)
    expect(database.prepare('select a from t').all()).toEqual([expect.objectContaining({ a: 1 })])
  })
})
