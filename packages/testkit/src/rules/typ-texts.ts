import { checkEqual, RuleFailure, show } from '../check/index.ts'
import { askServer } from '../context/index.ts'
import { column, createTable, equals, insertInto, selectFrom, typed } from '../contract/index.ts'
import { type Rule, rule, types } from '../rule/index.ts'
import { proveType } from './typ-proof.ts'

const megabyte = `${'Mörtel 🧱 '.repeat(100_000)}.`

export const textRules: readonly Rule[] = [
  rule({
    id: 'TYP-020',
    title: 'A text comes back character by character',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'Empty strings that become null and normalised accents are lost data.',
    causes: [
      'an empty text is bound as NULL',
      'texts are trimmed, normalised or escaped',
      'the connection is not set to UTF-8',
    ],
    needs: [types('text')],
    async run(context) {
      const values = [
        '',
        ' ',
        ' padded ',
        'NULL',
        "it's",
        '"quoted"',
        'back\\slash \\n \\0 \\u0041',
        '100% _like_ ?:@$1',
        'line\nbreak\r\ntab\t',
        'é is not é',
        'קדימה مرحبا',
        '👩‍👩‍👧‍👦 🏳️‍🌈 𝔘',
        '\u0001\u001f\u007f\u0080\u2028\ufeff',
      ]
      await proveType(
        context,
        { name: 'text' },
        values.map((value) => ({ value })),
      )
    },
  }),
  rule({
    id: 'TYP-021',
    title: 'A text with NUL is kept whole or refused, never cut',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A text that ends at its first NUL passes every check made before it was stored.',
    causes: [
      'the client hands texts over as C strings',
      'the server cuts at NUL: refuse in encode',
    ],
    needs: [types('text')],
    async run(context) {
      const values = ['\0', 'a\0b', 'tail\0', 'two\0\0middle']
      await proveType(
        context,
        { name: 'text' },
        values.map((value) => ({ value, mayRefuse: true })),
      )
    },
  }),
  rule({
    id: 'TYP-022',
    title: 'A text of a megabyte is kept',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'Characters that lie across two chunks of a stream are where decoders fail.',
    causes: ['UTF-8 is decoded chunk by chunk', 'a buffer has a fixed size'],
    needs: [types('text')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('v', 'text')])
      const { operation, values } = insertInto(table, ['v'], [[megabyte]])
      await caller.run(operation, values)
      const select = selectFrom(table)
      const rows = await caller.rows(select.columns, caller.request(select.operation))
      const seen = rows[0]?.[0]
      if (seen !== megabyte) {
        throw new RuleFailure('a text of a megabyte', show(megabyte), show(seen))
      }
    },
  }),
  rule({
    id: 'TYP-023',
    title: 'Bytes come back byte by byte',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A view into a larger buffer must send what it shows and nothing around it.',
    causes: [
      'the whole ArrayBuffer of a view is bound',
      'bytes are decoded as text',
      'empty bytes are bound as NULL',
    ],
    needs: [types('bytes')],
    async run(context) {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i)
      const cases: readonly (readonly [Uint8Array, number])[] = [
        [new Uint8Array(0), 0],
        [new Uint8Array(new ArrayBuffer(0)), 0],
        [all, 256],
        [all.subarray(3, 8), 5],
        [Buffer.from(all).subarray(250), 6],
        [Uint8Array.of(0), 1],
        [Uint8Array.of(0xc3, 0x28, 0xff, 0xfe), 4],
      ]
      const caller = await context.connect()
      const table = await context.create(caller, [column('id', 'integer'), column('v', 'bytes')])
      for (const [id, [value]] of cases.entries()) {
        const { operation, values } = insertInto(table, ['id', 'v'], [[id, value]])
        await caller.run(operation, values)
      }
      const select = selectFrom(table)
      const rows = await caller.rows(select.columns, caller.request(select.operation))
      checkEqual(
        'bytes read back',
        rows.map(([, value]) => value),
        cases.map(([value]) => value),
      )
      const name = context.adapter.dialect.quoteIdentifier(table.table.name)
      const lengths = await askServer(
        context,
        caller,
        `select octet_length(v) from ${name} order by id`,
      ).catch(() => undefined)
      if (lengths !== undefined) {
        checkEqual(
          'the lengths that the server sees',
          lengths.map(([length]) => Number(length)),
          cases.map(([, length]) => length),
        )
      }
      const { reference } = context
      if (reference !== undefined) {
        const seen = await reference.query(`select v from ${name} order by id`)
        checkEqual(
          'the bytes that the reference connection sees',
          seen.map(([value]) => Uint8Array.from(value as Uint8Array)),
          cases.map(([value]) => value),
        )
      }
    },
  }),
  rule({
    id: 'TYP-024',
    title: 'Bytes that were returned belong to the caller alone',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A result that points into a driver’s buffer changes when the next answer arrives.',
    causes: ['decode returns a view into a socket’s or statement’s buffer: copy it'],
    needs: [types('bytes')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('id', 'integer'), column('v', 'bytes')])
      const rowsOf = async (): Promise<Uint8Array[]> => {
        const select = selectFrom(table)
        const rows = await caller.rows(select.columns, caller.request(select.operation))
        return rows.map((row) => row[1] as Uint8Array)
      }
      for (const id of [1, 2]) {
        const { operation, values } = insertInto(
          table,
          ['id', 'v'],
          [[id, new Uint8Array(64).fill(id)]],
        )
        await caller.run(operation, values)
      }
      const first = await rowsOf()
      const copies = first.map((bytes) => Uint8Array.from(bytes))
      for (const bytes of await rowsOf()) bytes.fill(99)
      await caller.text("select 'something else entirely, long enough to fill a buffer' as v")
      checkEqual('bytes of an earlier result after later calls', first, copies)
    },
  }),
  rule({
    id: 'TYP-025',
    title: 'A uuid is kept, and read in lower case',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'Two spellings of one key do not find each other in a Map.',
    causes: [
      'the stored text is returned as it was written',
      'the uuid is stored as its bytes in another order',
    ],
    needs: [types('uuid')],
    async run(context) {
      const values = [
        '0190b5a2-7c1e-7bcd-8f00-0123456789ab',
        '00000000-0000-0000-0000-000000000000',
        'ffffffff-ffff-ffff-ffff-ffffffffffff',
      ]
      await proveType(
        context,
        { name: 'uuid' },
        values.map((value) => ({ value })),
      )
    },
  }),
  rule({
    id: 'TYP-026',
    title: 'A JSON document keeps its members, and JSON null is not SQL’s null',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A document of null is a value that was set; SQL’s null is a value that was not.',
    causes: [
      'null is checked after JSON was parsed',
      'the client parses json columns itself',
      'a member called __proto__ is assigned instead of defined',
    ],
    needs: [types('json')],
    async run(context) {
      const documents = [
        'null',
        'true',
        '0',
        '"text"',
        '""',
        '[]',
        '{}',
        '{"__proto__":{"polluted":true},"constructor":1}',
        '{"a":[1,[2,[3,{"b":null}]]],"c":"é🧱"}',
        `${'['.repeat(60)}1${']'.repeat(60)}`,
        '{"quote":"\\"","back":"\\\\","line":"\\n"}',
      ]
      const caller = await context.connect()
      const table = await context.create(caller, [column('id', 'integer'), column('v', 'json')])
      for (const [id, value] of documents.entries()) {
        const { operation, values } = insertInto(table, ['id', 'v'], [[id, value]])
        await caller.run(operation, values)
      }
      const none = insertInto(table, ['id', 'v'], [[documents.length, null]])
      await caller.run(none.operation, none.values)
      const select = selectFrom(table)
      const rows = await caller.rows(select.columns, caller.request(select.operation))
      for (const [id, document] of documents.entries()) {
        const seen = rows[id]?.[1]
        if (typeof seen !== 'string') {
          throw new RuleFailure(`the JSON document ${document}`, 'its text', show(seen))
        }
        checkEqual(`the JSON document ${document}`, JSON.parse(seen), JSON.parse(document))
      }
      checkEqual('a json column that is null', rows[documents.length]?.[1], null)
      const name = context.adapter.dialect.quoteIdentifier(table.table.name)
      const nulls = await askServer(context, caller, `select id from ${name} where v is null`)
      checkEqual('the rows whose json is null to the server', nulls, [[String(documents.length)]])
    },
  }),
  rule({
    id: 'TYP-027',
    title: 'An enum keeps its words, however odd',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'Enum members are words of the application: with spaces, quotes and capitals.',
    causes: ['the members are written into DDL without being quoted'],
    needs: [types('enum')],
    async run(context) {
      const members = ['plain', 'with space', "it's", 'UPPER', 'zwölf', '"both"', '']
      const type = { name: 'enum' as const, values: members }
      const caller = await context.connect()
      await caller.definition(
        createTable(context.table([column('v', type)])),
        'the database has to be told of an enum type first',
      )
      await proveType(
        context,
        type,
        members.map((value) => ({ value })),
      )
    },
  }),
  rule({
    id: 'TYP-028',
    title: 'An array keeps its elements, empty, null and the text NULL apart',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale:
      'An array written as text has its own quoting, and most encoders forget a part of it.',
    causes: ["the text 'NULL' is written without quotes", 'an empty array becomes null'],
    needs: [types('array', 'text', 'integer')],
    async run(context) {
      const type = { name: 'array' as const, element: { name: 'text' as const } }
      const arrays = [
        [],
        [null],
        ['NULL', 'null', ''],
        ['a,b', '{c}', '"d"', 'e\\f', ' g ', "h'i"],
        ['one', null, 'three'],
      ]
      const caller = await context.connect()
      const table = await context.create(caller, [column('id', 'integer'), column('v', type)])
      for (const [id, value] of arrays.entries()) {
        const { operation, values } = insertInto(table, ['id', 'v'], [[id, value]])
        await caller.run(operation, values)
        const select = selectFrom(table, ['v'], { where: equals('id', 0), orderBy: undefined })
        const made = caller.request(select.operation, [typed('integer', id)])
        checkEqual(`the array ${show(value)}`, await caller.rows(select.columns, made), [[value]])
      }
    },
  }),
]
