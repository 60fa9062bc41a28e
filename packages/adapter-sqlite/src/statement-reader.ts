import { ParameterReader } from './parameter-plan.ts'
import type { SqlTokens } from './sql-tokens.ts'
import type { Effect, InsertTarget, Pragma, StatementText } from './statement-text.ts'

const effects: ReadonlyMap<string, Effect> = new Map<string, Effect>([
  ['SELECT', 'read'],
  ['VALUES', 'read'],
  ['EXPLAIN', 'read'],
  ['INSERT', 'write'],
  ['REPLACE', 'write'],
  ['UPDATE', 'write'],
  ['DELETE', 'write'],
  ['BEGIN', 'transaction'],
  ['COMMIT', 'transaction'],
  ['END', 'transaction'],
  ['ROLLBACK', 'transaction'],
  ['SAVEPOINT', 'transaction'],
  ['RELEASE', 'transaction'],
  ['PRAGMA', 'pragma'],
])

/**
 * The verbs behind WITH. All but REPLACE are reserved, so none of the others can be the name of a
 * common table expression; a REPLACE that is one makes a read count as a write, which is safe.
 */
const mainVerbs = new Set(['SELECT', 'VALUES', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE'])

/** What stands before a `*` that means all columns. */
const beforeAllColumns = new Set(['SELECT', 'DISTINCT', 'ALL', 'RETURNING', ',', '.'])

const rowidNames = new Set(['ROWID', 'OID', '_ROWID_'])

/** As many tokens as the beginning of a statement is judged by. */
const headLength = 10

/** A token of a statement's beginning: words and symbols in upper case, names as they are. */
interface HeadToken {
  readonly text: string
  readonly name: string
}

/**
 * Reads up to the end of the next statement; undefined where there is none. Where a statement ends
 * is decided as `sqlite3_complete` decides it (complete.c): at a semicolon, and in CREATE TRIGGER
 * at the semicolon behind `; END`.
 */
export function nextStatement(tokens: SqlTokens): StatementText | undefined {
  const parameters = new ParameterReader()
  const head: HeadToken[] = []
  const into: HeadToken[] = []
  let start = -1
  let end = -1
  let depth = 0
  let mainVerb = ''
  let columnsFollowSchema = false
  let upsert = false
  let readsInto = false
  let before = ''
  let trigger: 'no' | 'inside' | 'semicolon' | 'end' = 'no'
  while (tokens.next()) {
    const { kind } = tokens
    if (kind === 'space') continue
    if (kind === 'semicolon') {
      if (start < 0) continue
      if (trigger === 'no' || trigger === 'end') break
      trigger = 'semicolon'
      end = tokens.end
      continue
    }
    if (start < 0) start = tokens.start
    end = tokens.end
    const text = kind === 'word' ? tokens.text.toUpperCase() : kind === 'symbol' ? tokens.text : ''
    if (trigger !== 'no') trigger = trigger === 'semicolon' && text === 'END' ? 'end' : 'inside'
    if (head.length < headLength) {
      if (text === 'TRIGGER' && beginsTrigger(head)) trigger = 'inside'
      head.push({ text, name: tokens.name })
    }
    if (readsInto && into.length < 3) into.push({ text, name: tokens.name })
    if (kind === 'word' || kind === 'quoted') {
      if (rowidNames.has(text === '' ? tokens.name.toUpperCase() : text)) columnsFollowSchema = true
      if (depth === 0) {
        if (mainVerb === '' && mainVerbs.has(text)) mainVerb = text
        if (text === 'INTO') readsInto = true
      }
      if (text === 'UPDATE' && before === 'DO') upsert = true
    } else if (kind === 'parameter') parameters.add(tokens.text)
    else if (text === '(') depth++
    else if (text === ')') depth--
    else if (text === '*' && beforeAllColumns.has(before)) columnsFollowSchema = true
    before = text
  }
  const first = head[0]
  if (first === undefined) return undefined
  const verb = first.text === 'WITH' ? mainVerb : first.text
  const effect = effects.get(verb) ?? 'schema'
  const inserts = verb === 'INSERT' || verb === 'REPLACE'
  return {
    sql: end - start === tokens.sql.length ? tokens.sql : tokens.sql.slice(start, end),
    effect,
    command: commandOf(effect, verb, head),
    parameters: parameters.plan(),
    columnsFollowSchema,
    insertsInto: inserts && !upsert ? insertTarget(into) : undefined,
    sessionChange: effect === 'schema' ? sessionChangeOf(head) : undefined,
    pragma: effect === 'pragma' ? pragmaOf(head) : undefined,
  }
}

/** Whether TRIGGER behind these tokens makes them `[EXPLAIN …] CREATE [TEMP] TRIGGER`. */
function beginsTrigger(head: readonly HeadToken[]): boolean {
  let at = head.length - 1
  while (at >= 0 && isTemp(head[at]?.text)) at--
  return head[at]?.text === 'CREATE' && (at === 0 || head[0]?.text === 'EXPLAIN')
}

function isTemp(text: string | undefined): boolean {
  return text === 'TEMP' || text === 'TEMPORARY'
}

function commandOf(effect: Effect, verb: string, head: readonly HeadToken[]): string {
  if (verb === 'END') return 'COMMIT'
  if (effect !== 'schema') return verb
  const object = head.slice(1).find(({ text }) => text !== 'UNIQUE' && !isTemp(text))
  const isDefinition = verb === 'CREATE' || verb === 'ALTER' || verb === 'DROP'
  return isDefinition && object !== undefined && object.text !== ''
    ? `${verb} ${object.text}`
    : verb
}

function sessionChangeOf(head: readonly HeadToken[]): 'attach' | 'temp' | undefined {
  const verb = head[0]?.text
  if (verb === 'ATTACH' || verb === 'DETACH') return 'attach'
  if (verb !== 'CREATE') return undefined
  const qualified = head.findIndex(({ text }) => text === '.')
  const schema = qualified > 0 ? head[qualified - 1]?.name.toLowerCase() : undefined
  return isTemp(head[1]?.text) || schema === 'temp' ? 'temp' : undefined
}

function pragmaOf(head: readonly HeadToken[]): Pragma {
  const qualified = head[2]?.text === '.'
  const name = head[qualified ? 3 : 1]?.name ?? ''
  return {
    schema: qualified ? head[1]?.name : undefined,
    name: name.toLowerCase(),
    hasValue: head.length > (qualified ? 4 : 2),
  }
}

function insertTarget(into: readonly HeadToken[]): InsertTarget | undefined {
  const [first, dot, second] = into
  if (first === undefined) return undefined
  return dot?.text === '.' && second !== undefined
    ? { schema: first.name, table: second.name }
    : { schema: undefined, table: first.name }
}
