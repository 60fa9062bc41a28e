import type {
  CompiledSql,
  Dialect,
  Expression,
  Operation,
  SelectOperation,
  TableName,
  TransactionCommand,
} from '../src/contract/index.ts'

/**
 * SQL that is easy to read in a test: bare lower-case names stay bare, placeholders are `?`, every
 * operation is one line. No database runs it.
 */
export const scriptedDialect: Dialect = {
  name: 'scripted',
  quoteIdentifier: (name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : JSON.stringify(name)),
  quoteLiteral: (value) =>
    typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value),
  compile(operation) {
    const slots: number[] = []
    const sql = writeOperation(operation, slots)
    return { sql, slots } satisfies CompiledSql
  },
  transaction: (command) => [writeCommand(command)],
  ping: 'ping',
}

function writeCommand(command: TransactionCommand): string {
  switch (command.kind) {
    case 'begin':
      return [
        'begin',
        command.isolation,
        command.readOnly === true ? 'read only' : undefined,
        command.deferrable === true ? 'deferrable' : undefined,
      ]
        .filter((word) => word !== undefined)
        .join(' ')
    case 'commit':
    case 'rollback':
      return command.kind
    case 'savepoint':
      return `savepoint ${command.name}`
    case 'release':
      return `release ${command.name}`
    case 'rollback_to':
      return `rollback to ${command.name}`
  }
}

const name = (text: string): string => scriptedDialect.quoteIdentifier(text)
const names = (list: readonly string[]): string => list.map(name).join(', ')
const tableName = (table: TableName): string =>
  table.prefix === undefined ? name(table.name) : `${name(table.prefix)}.${name(table.name)}`

function writeOperation(operation: Operation, slots: number[]): string {
  const write = (expression: Expression): string => writeExpression(expression, slots)
  const list = (expressions: readonly Expression[]): string => expressions.map(write).join(', ')
  const where = (condition: Expression | undefined): string =>
    condition === undefined ? '' : ` where ${write(condition)}`
  const returning = (columns: readonly string[] | undefined): string =>
    columns === undefined ? '' : ` returning ${names(columns)}`
  const assign = (set: readonly { column: string; value: Expression }[]): string =>
    set.map((each) => `${name(each.column)} = ${write(each.value)}`).join(', ')

  switch (operation.kind) {
    case 'raw':
      return write(operation)
    case 'insert': {
      const rows = operation.rows.map((row) => `(${list(row)})`).join(', ')
      const body =
        operation.columns.length === 0
          ? 'default values'
          : `(${names(operation.columns)}) values ${rows}`
      const { onConflict } = operation
      let conflict = ''
      if (onConflict !== undefined) {
        const { target } = onConflict
        conflict = ' on conflict'
        if (target?.kind === 'columns')
          conflict += ` (${names(target.columns)})${where(target.where)}`
        if (target?.kind === 'constraint') conflict += ` on constraint ${name(target.name)}`
        if (target?.kind === 'unsafe') conflict += ` ${target.sql}`
        conflict +=
          onConflict.kind === 'nothing'
            ? ' do nothing'
            : ` do update set ${assign(onConflict.set)}${where(onConflict.where)}`
      }
      return `insert into ${tableName(operation.table)} ${body}${conflict}${returning(operation.returning)}`
    }
    case 'update':
      return `update ${tableName(operation.table)} set ${assign(operation.set)}${where(operation.where)}${returning(operation.returning)}`
    case 'delete':
      return `delete from ${tableName(operation.table)}${where(operation.where)}${returning(operation.returning)}`
    case 'select':
      return writeSelect(operation, slots)
    case 'exists':
      return `select exists(${writeSelect(operation.select, slots)}) as found`
    case 'create_table':
      return `create table ${tableName(operation.table)} (${operation.columns
        .map((column) => `${name(column.name)} ${column.type.name}`)
        .join(', ')})`
    case 'drop_table':
      return `drop table ${operation.ifExists === true ? 'if exists ' : ''}${tableName(operation.table)}`
    case 'create_index':
      return `create ${operation.unique === true ? 'unique ' : ''}index ${name(operation.name)} on ${tableName(operation.table)} (${names(operation.columns)})${where(operation.where)}`
  }
}

function writeSelect(select: SelectOperation, slots: number[]): string {
  const write = (expression: Expression): string => writeExpression(expression, slots)
  let sql = `select ${select.columns.map(write).join(', ')} from ${tableName(select.table)}`
  if (select.where !== undefined) sql += ` where ${write(select.where)}`
  if (select.orderBy !== undefined && select.orderBy.length > 0) {
    sql += ` order by ${select.orderBy
      .map((term) => {
        const nulls = term.nulls === undefined ? '' : ` nulls ${term.nulls}`
        const direction = term.direction === undefined ? '' : ` ${term.direction}`
        return `${write(term.by)}${direction}${nulls}`
      })
      .join(', ')}`
  }
  if (select.limit !== undefined) sql += ` limit ${write(select.limit)}`
  if (select.offset !== undefined) sql += ` offset ${write(select.offset)}`
  if (select.lock !== undefined) {
    sql += ` for ${select.lock.mode}`
    if (select.lock.skipLocked === true) sql += ' skip locked'
    if (select.lock.noWait === true) sql += ' nowait'
  }
  return sql
}

function writeExpression(expression: Expression, slots: number[]): string {
  const write = (inner: Expression): string => writeExpression(inner, slots)
  switch (expression.kind) {
    case 'slot':
      slots.push(expression.slot)
      return '?'
    case 'column':
      return expression.of === undefined
        ? name(expression.name)
        : `${tableName(expression.of)}.${name(expression.name)}`
    case 'excluded':
      return `excluded.${name(expression.name)}`
    case 'default':
      return 'default'
    case 'literal':
      return scriptedDialect.quoteLiteral(expression.value)
    case 'compare':
      return `${write(expression.left)} ${expression.operator} ${write(expression.right)}`
    case 'in':
      return `${write(expression.left)} in (${expression.list.map(write).join(', ')})`
    case 'null':
      return `${write(expression.of)} is ${expression.negated ? 'not ' : ''}null`
    case 'not':
      return `not (${write(expression.of)})`
    case 'and':
    case 'or': {
      if (expression.terms.length === 0) return String(expression.kind === 'and')
      return `(${expression.terms.map(write).join(` ${expression.kind} `)})`
    }
    case 'add':
      return `${write(expression.left)} + ${write(expression.right)}`
    case 'count':
      return 'count(*)'
    case 'raw':
      return expression.parts
        .map((part) => {
          if (typeof part === 'string') return part
          if (part.kind === 'table') return tableName(part)
          if (part.kind === 'identifier') return name(part.name)
          return write(part)
        })
        .join('')
  }
}
