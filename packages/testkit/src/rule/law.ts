/** The laws of Mortise by number. Every rule proves a part of one of them. */
export const laws = Object.freeze({
  1: 'Nothing lost, nothing doubled',
  2: 'A connection goes back clean or not at all',
  3: 'Exactness',
  4: 'Order',
  5: 'Bounded',
  6: 'One claim',
  7: 'Healing',
  8: 'Fair and visible',
  9: 'Cancel hits its target',
  10: 'Secrets stay in',
  11: 'One migrator at a time',
  12: 'No text in SQL',
})

/** The number of a law. */
export type LawNumber = keyof typeof laws
