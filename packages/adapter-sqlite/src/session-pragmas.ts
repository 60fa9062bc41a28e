import type { Pragma } from './statement-text.ts'

/**
 * The pragmas that ask, act, or set what is stored in the database file. Every other pragma with a
 * value changes the session (https://www.sqlite.org/pragma.html); new ones are taken for such.
 */
const notOfTheSession = new Set([
  'application_id',
  'auto_vacuum',
  'collation_list',
  'compile_options',
  'data_version',
  'database_list',
  'encoding',
  'foreign_key_check',
  'foreign_key_list',
  'freelist_count',
  'function_list',
  'incremental_vacuum',
  'index_info',
  'index_list',
  'index_xinfo',
  'integrity_check',
  'module_list',
  'optimize',
  'page_count',
  'page_size',
  'pragma_list',
  'quick_check',
  'schema_version',
  'shrink_memory',
  'stats',
  'table_info',
  'table_list',
  'table_xinfo',
  'user_version',
  'wal_checkpoint',
])

/** Whether the pragma changes the session that runs it. */
export function changesSession(pragma: Pragma): boolean {
  return pragma.hasValue && !notOfTheSession.has(pragma.name)
}
