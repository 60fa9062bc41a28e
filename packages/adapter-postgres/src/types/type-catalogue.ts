import { builtInTypes } from './built-in-types.ts'
import { referencesOf, type TypeDescription } from './type-description.ts'

/** Runs catalogue SQL with one parameter; rows are the texts of their columns, or null. */
export type CatalogueQuery = (
  sql: string,
  parameter: string,
) => Promise<readonly (readonly (string | null)[])[]>

/**
 * The types of one database: the built-in ones, and what was looked up in its catalogue. One for
 * each adapter, because all its connections reach the same database.
 */
export class TypeCatalogue {
  readonly #found = new Map<number, TypeDescription>()
  #version = 0

  /** Grows whenever an answer may have changed: what was made of older answers is made anew. */
  get version(): number {
    return this.#version
  }

  get(oid: number): TypeDescription | undefined {
    return builtInTypes.get(oid) ?? this.#found.get(oid)
  }

  /** Which types a lookup is needed for before these can be read, those they refer to included. */
  missing(oids: Iterable<number>): number[] {
    const missing: number[] = []
    const seen = new Set<number>()
    const pending = [...oids]
    while (pending.length > 0) {
      const oid = pending.pop() as number
      if (seen.has(oid)) continue
      seen.add(oid)
      const type = this.get(oid)
      if (type === undefined) missing.push(oid)
      else pending.push(...referencesOf(type))
    }
    return missing
  }

  /**
   * Looks up what is missing, with one query for each level of types that refer to others. A type
   * that the catalogue does not have, dropped meanwhile, becomes a scalar: it is read as text.
   */
  async load(oids: readonly number[], query: CatalogueQuery): Promise<void> {
    let missing = this.missing(oids)
    while (missing.length > 0) {
      const rows = await query(catalogueSql, `{${missing.join(',')}}`)
      for (const row of rows) {
        const type = describe(row)
        this.#found.set(type.oid, type)
      }
      for (const oid of missing) {
        if (this.#found.has(oid)) continue
        this.#found.set(oid, { kind: 'scalar', oid, schema: '', name: '' })
      }
      this.#version++
      missing = this.missing(oids)
    }
  }

  /** Forgets what was looked up: a type was altered, or dropped and made again. */
  clear(): void {
    if (this.#found.size === 0) return
    this.#found.clear()
    this.#version++
  }
}

/**
 * Everything is qualified, so that no search_path and no object of the user's own comes between.
 * Attributes stand in a JSON list, as their names may hold anything.
 */
const catalogueSql = `select
  t.oid::pg_catalog.text,
  n.nspname::pg_catalog.text,
  t.typname::pg_catalog.text,
  case when e.typarray operator(pg_catalog.=) t.oid then 'a' else t.typtype::pg_catalog.text end,
  case
    when t.typtype operator(pg_catalog.=) 'd' then t.typbasetype
    when t.typtype operator(pg_catalog.=) 'r' then (
      select r.rngsubtype from pg_catalog.pg_range r where r.rngtypid operator(pg_catalog.=) t.oid)
    when t.typtype operator(pg_catalog.=) 'm' then (
      select r.rngsubtype from pg_catalog.pg_range r where r.rngmultitypid operator(pg_catalog.=) t.oid)
    else t.typelem
  end::pg_catalog.text,
  e.typdelim::pg_catalog.text,
  case when t.typtype operator(pg_catalog.=) 'c' then (
    select pg_catalog.json_agg(
      pg_catalog.json_build_array(a.attname, a.atttypid::pg_catalog.text) order by a.attnum)
    from pg_catalog.pg_attribute a
    where a.attrelid operator(pg_catalog.=) t.typrelid
      and a.attnum operator(pg_catalog.>) 0 and not a.attisdropped
  ) end::pg_catalog.text
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) t.typnamespace
left join pg_catalog.pg_type e on e.oid operator(pg_catalog.=) t.typelem
where t.oid operator(pg_catalog.=) any ($1::pg_catalog.oid[])`

function describe(row: readonly (string | null)[]): TypeDescription {
  const [oidText, schema, name, kind, reference, delimiter, attributes] = row
  const named = { oid: Number(oidText), schema: schema ?? '', name: name ?? '' }
  const other = Number(reference)
  switch (kind) {
    case 'a':
      return Object.freeze({ ...named, kind: 'array', element: other, delimiter: delimiter ?? ',' })
    case 'c':
      return Object.freeze({
        ...named,
        kind: 'composite',
        attributes: (JSON.parse(attributes ?? '[]') as [string, string][]).map(
          ([attribute, oid]) => ({ name: attribute, oid: Number(oid) }),
        ),
      })
    case 'd':
      return Object.freeze({ ...named, kind: 'domain', base: other })
    case 'e':
      return Object.freeze({ ...named, kind: 'enum' })
    case 'r':
      return Object.freeze({ ...named, kind: 'range', bound: other })
    case 'm':
      return Object.freeze({ ...named, kind: 'multirange', bound: other })
    default:
      return Object.freeze({ ...named, kind: 'scalar' })
  }
}
