import { defineTable, t } from '@mortise/core'

/** A key of text, given by us. */
export const currencies = defineTable('currencies', {
  code: t.text({ primaryKey: true, length: 3 }),
  digits: t.integer({ bits: 16 }),
})

/** Keys beyond 2^53, exact amounts. */
export const accounts = defineTable('accounts', {
  id: t.id({ as: 'bigint' }),
  owner: t.text(),
  currency: t.text(),
  balance: t.decimal({ precision: 20, scale: 4, default: '0' }),
  movements: t.integer({ default: 0 }),
  closedAt: t.timestamp({ source: 'closed_at', nullable: true }),
})

/** A key made by the database. */
export const transfers = defineTable('transfers', {
  id: t.uuid({ primaryKey: true, dbDefault: true }),
  requestKey: t.text({ source: 'request_key' }),
  state: t.enum(['pending', 'settled', 'failed']),
  bookedOn: t.date({ source: 'booked_on' }),
  cutOff: t.time({ source: 'cut_off', nullable: true }),
  settledAt: t.timestamp({ source: 'settled_at', as: 'string', nullable: true }),
})

/** The two sides of a transfer. */
export const entries = defineTable('entries', {
  transferId: t.uuid({ source: 'transfer_id', primaryKey: true }),
  accountId: t.bigint({ source: 'account_id', primaryKey: true }),
  amount: t.decimal({ precision: 20, scale: 4 }),
  sequence: t.bigint({ generated: 'byDefault' }),
})

/** Written once, never keyed. */
export const audit = defineTable('audit', {
  at: t.timestamp({ as: 'string', dbDefault: true }),
  actor: t.text(),
  payload: t.json(),
})
