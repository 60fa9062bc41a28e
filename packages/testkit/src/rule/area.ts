/**
 * The areas of the suite, in the order in which a run visits them. A rule's id begins with its
 * area's code.
 */
export const areas = Object.freeze({
  CON: 'Connections',
  EXE: 'Executing a statement',
  DIA: 'Names and literals',
  PAR: 'Parameters',
  TYP: 'Types and exactness',
  ERR: 'Errors',
  MAN: 'The manifest',
  TX: 'Transactions',
  ISO: 'Isolation between connections',
  LSE: 'Leases and the pool',
  CCH: 'The statement cache',
  WRT: 'Inserting, updating, deleting',
  QRY: 'Reading rows',
  UPS: 'Upserts',
  STR: 'Streams',
  CAN: 'Cancelling and deadlines',
  BAT: 'Batches and scripts',
})

/** The code of an area: the first part of a rule's id. */
export type AreaCode = keyof typeof areas
