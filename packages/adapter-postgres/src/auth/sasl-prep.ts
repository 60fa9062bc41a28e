/**
 * Prepares a password as SASLprep has it (RFC 4013), the way PostgreSQL does on its side
 * (`src/common/saslprep.c`): what SASLprep prohibits is used as it is, because passwords may have
 * been set in any encoding.
 *
 * Of the letters that Unicode 3.2 did not have yet, those of the first plane count as if it had:
 * normalisation leaves nearly all of them alone.
 */
export function saslPrep(password: string): string {
  if (/^[\x20-\x7e]*$/.test(password)) return password
  const prepared = password.replace(spaces, ' ').replace(nothing, '').normalize('NFKC')
  const refused = prepared === '' || prohibited.test(prepared) || unassigned.test(prepared)
  return refused || !directionsAgree(prepared) ? password : prepared
}

/** RFC 3454, C.1.2: spaces other than ASCII's. */
const spaces = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu

/** RFC 3454, B.1: commonly mapped to nothing. */
// biome-ignore lint/suspicious/noMisleadingCharacterClass: the joiners stand for themselves
const nothing = /[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/gu

/** RFC 3454, C.2.1 to C.9: controls, private use, non-characters, surrogates and so on. */
const prohibited =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u00a0\u06dd\u070f\u180e\u200c-\u200f\u2028-\u202e\u2060-\u2063\u206a-\u206f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\uffff\u2ff0-\u2ffb]|\u0340|\u0341/u

/**
 * A.1 as far as it matters: beyond the first plane Unicode 3.2 had only some old scripts, music,
 * mathematics and Han, and no emoji; in the first, its currency signs ended at U+20B1.
 */
const unassigned =
  /[\u20b2-\u20cf]|(?![\u{10300}-\u{1034a}\u{10400}-\u{1044d}\u{1d000}-\u{1d172}\u{1d17b}-\u{1d1dd}\u{1d400}-\u{1d7ff}\u{20000}-\u{2a6d6}\u{2f800}-\u{2fa1d}])[\u{10000}-\u{10ffff}]/u

/** RFC 3454, section 6: text with letters from right to left has no others, and begins and ends so. */
function directionsAgree(text: string): boolean {
  if (!rightToLeft.test(text)) return true
  const characters = [...text]
  return (
    !leftToRight.test(text) &&
    rightToLeft.test(characters[0] as string) &&
    rightToLeft.test(characters.at(-1) as string)
  )
}

/** The letters of D.1: Hebrew, Arabic, Syriac, Thaana and their presentation forms. */
const rightToLeft =
  /[\u05be\u05c0\u05c3\u05d0-\u05ea\u05f0-\u05f4\u061b\u061f\u0621-\u063a\u0640-\u064a\u066d-\u066f\u0671-\u06d5\u06dd\u06e5\u06e6\u06fa-\u06fe\u0700-\u070d\u0710\u0712-\u072c\u0780-\u07a5\u07b1\u200f\ufb1d\ufb1f-\ufb28\ufb2a-\ufb36\ufb38-\ufb3c\ufb3e\ufb40\ufb41\ufb43\ufb44\ufb46-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfc\ufe70-\ufe74\ufe76-\ufefc]/u

/** D.2, near enough: letters of every other script. */
const leftToRight =
  /(?![\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}])\p{L}/u
