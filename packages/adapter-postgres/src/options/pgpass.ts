/** What a line of a password file is looked up by. */
export interface PassFileKey {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

/**
 * Finds the password in a password file's text: the first line that fits (PostgreSQL documentation,
 * "The Password File"). A line is `host:port:database:user:password`; `*` fits anything, `\:` and
 * `\\` stand for a colon and a backslash, `#` begins a comment.
 */
export function findPassword(text: string, key: PassFileKey): string | undefined {
  // A socket in the server's default folder goes by this name.
  const hosts = ['/tmp', '/var/run/postgresql'].includes(key.host)
    ? [key.host, 'localhost']
    : [key.host]
  const wanted = [hosts, [String(key.port)], [key.database], [key.user]]
  for (const line of text.split('\n')) {
    const fields = fieldsOf(line.replace(/\r$/, ''))
    if (fields === undefined) continue
    const fits = wanted.every((values, i) => {
      const field = fields[i] as Field
      return field.raw === '*' || values.includes(field.value)
    })
    if (fits) return (fields[4] as Field).value
  }
  return undefined
}

interface Field {
  readonly raw: string
  readonly value: string
}

function fieldsOf(line: string): readonly Field[] | undefined {
  if (line.startsWith('#')) return undefined
  const raw = line.match(/(?<=^|:)(?:[^:\\]|\\.|\\$)*/g) ?? []
  if (raw.length < 5) return undefined
  return raw.map((part) => ({ raw: part, value: part.replace(/\\(.)/g, '$1') }))
}

/**
 * Why a file that should be the owner's alone is not used: libpq's rule for password files. Undefined
 * where it may be used.
 */
export function passFileFlaw(file: {
  readonly mode: number
  isFile(): boolean
}): 'not_a_file' | 'readable_by_others' | undefined {
  if (!file.isFile()) return 'not_a_file'
  return process.platform !== 'win32' && (file.mode & 0o077) !== 0
    ? 'readable_by_others'
    : undefined
}
