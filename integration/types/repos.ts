import { createRepo, type Repo } from '@mortise/core'
import type { Adapter } from '@mortise/core/adapter'

/** The call options of a database that has some. */
export interface ServerCallOptions {
  readonly statement?: 'named' | 'unnamed' | 'simple'
  readonly plan?: 'auto' | 'custom' | 'generic'
}

/** An adapter that exports more than the contract: its call options must survive that. */
export interface ServerAdapter extends Adapter<ServerCallOptions> {
  readonly url: string
}

export declare const server: ServerAdapter
export declare const file: Adapter

/** A repo on a database with call options of its own. */
export const repo: Repo<ServerAdapter> = createRepo({ adapter: server, pool: { size: 10 } })

/** A repo on a database without. */
export const fileRepo: Repo<Adapter> = createRepo({ adapter: file })
