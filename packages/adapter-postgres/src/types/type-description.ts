interface Named {
  readonly oid: number
  readonly schema: string
  readonly name: string
}

/** What the driver must know of a type to read its text. OIDs refer to other descriptions. */
export type TypeDescription =
  /** A type whose text means nothing to the driver beyond what a reader of its own says. */
  | (Named & { readonly kind: 'scalar' | 'enum' })
  | (Named & { readonly kind: 'domain'; readonly base: number })
  | (Named & { readonly kind: 'array'; readonly element: number; readonly delimiter: string })
  | (Named & { readonly kind: 'range' | 'multirange'; readonly bound: number })
  | (Named & {
      readonly kind: 'composite'
      readonly attributes: readonly { readonly name: string; readonly oid: number }[]
    })

/** The OIDs that a description refers to. */
export function referencesOf(type: TypeDescription): readonly number[] {
  switch (type.kind) {
    case 'domain':
      return [type.base]
    case 'array':
      return [type.element]
    case 'range':
    case 'multirange':
      return [type.bound]
    case 'composite':
      return type.attributes.map(({ oid }) => oid)
    default:
      return []
  }
}
