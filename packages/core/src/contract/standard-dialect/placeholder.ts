/** How a database writes placeholders. */
export interface Placeholders {
  /** Whether one placeholder may stand in several places; if not, each place has its own. */
  readonly reusable: boolean
  /** The text of parameter `position`, counted from 1. */
  text(position: number): string
}

/**
 * - `positional`: `?`, one for each place.
 * - `numbered`: the prefix and the parameter's number: `$1`, `?1`, `:1`.
 * - `named`: the prefix, a name and the number: `:p1`, `@p1`.
 */
export type PlaceholderStyle =
  | 'positional'
  | { readonly style: 'numbered'; readonly prefix: string }
  | { readonly style: 'named'; readonly prefix: string; readonly name?: string | undefined }

/** Placeholders of one style. */
export function placeholdersOf(style: PlaceholderStyle): Placeholders {
  if (style === 'positional') return { reusable: false, text: () => '?' }
  const prefix = style.style === 'named' ? `${style.prefix}${style.name ?? 'p'}` : style.prefix
  return { reusable: true, text: (position) => `${prefix}${position}` }
}
