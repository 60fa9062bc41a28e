import { createHash } from 'node:crypto'

/** The answer to AuthenticationMD5Password (PostgreSQL documentation, "Message Flow"). */
export function md5Answer(user: string, password: string, salt: Uint8Array): string {
  const inner = createHash('md5').update(password).update(user).digest('hex')
  return `md5${createHash('md5').update(inner).update(salt).digest('hex')}`
}
