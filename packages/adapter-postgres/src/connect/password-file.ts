import { readFile, stat } from 'node:fs/promises'
import { AuthenticationError } from '../auth/authenticate.ts'
import { findPassword, type PassFileKey, passFileFlaw } from '../options/pgpass.ts'

/**
 * Looks the password up in the password file, as it is now.
 *
 * @returns undefined where the file is missing or has no line that fits
 * @throws AuthenticationError where the file must not be used; libpq passes over it with a warning
 */
export async function passwordFromFile(
  path: string,
  key: PassFileKey,
): Promise<string | undefined> {
  let text: string
  try {
    const flaw = passFileFlaw(await stat(path))
    if (flaw !== undefined) {
      throw new AuthenticationError(
        flaw === 'not_a_file'
          ? 'the server asks for a password, and the password file is not used because it is no plain file'
          : 'the server asks for a password, and the password file is not used because others can read it; take that right away with chmod 600',
      )
    }
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof AuthenticationError) throw error
    return undefined
  }
  return findPassword(text, key)
}
