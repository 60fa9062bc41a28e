export { Caller, type SelectedColumn } from './caller.ts'
export {
  column,
  createTable,
  equals,
  insertInto,
  named,
  raw,
  type Statement,
  selectFrom,
  slot,
  type TestTable,
} from './operations.ts'
export { request } from './request.ts'
export { ddlOf, encode, shapeOf, typed, type Value } from './value.ts'
