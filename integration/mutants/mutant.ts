import {
  type Adapter,
  type Capabilities,
  type ConnectContext,
  type Connection,
  type Dialect,
  type DialectOverrides,
  type ErrorDescription,
  isPromise,
  type LogicalTypeName,
  type Request,
  type Result,
  type StandardDialect,
  type TypeCodec,
} from '@mortise/core/adapter'

/** A rule that kills a mutant, and a part of what it must say. */
export interface Kill {
  readonly rule: string
  readonly message: string
}

/**
 * A good adapter with one plausible bug.
 *
 * It is killed by the rules that it names, each with its message, and by no other: without them it
 * survives the whole suite, which shows that the suite would be poorer without them.
 */
export interface Mutant {
  /** What the adapter does wrong. */
  readonly name: string
  /** Its number in the catalogue of plausible bugs, where it is there. */
  readonly catalogue?: number
  readonly killedBy: readonly [Kill, ...Kill[]]
  /** What it breaks: a database in memory, or a file with several connections. Default memory. */
  readonly over?: 'memory' | 'file'
  readonly adapter: (good: Adapter) => Adapter
}

/** A mutant that one rule kills. */
export function mutant(
  name: string,
  rule: string,
  message: string,
  adapter: Mutant['adapter'],
  parts: Pick<Mutant, 'catalogue' | 'over'> = {},
): Mutant {
  return { name, killedBy: [{ rule, message }], adapter, ...parts }
}

const methods = [
  'execute',
  'close',
  'executeBatch',
  'executeScript',
  'stream',
  'deallocate',
  'cancel',
  'reset',
  'ping',
  'control',
] as const

/** The adapter with some members of its connections replaced. */
export function withConnection(
  good: Adapter,
  change: (connection: Connection) => Partial<Connection>,
): Adapter {
  const changed = (connection: Connection): Connection => {
    const copy: Partial<Record<keyof Connection, unknown>> = {}
    for (const method of methods) {
      const own = connection[method]
      if (own !== undefined) copy[method] = own.bind(connection)
    }
    Object.defineProperty(copy, 'transactionStatus', {
      get: () => connection.transactionStatus,
      configurable: true,
    })
    return Object.defineProperties(
      copy,
      Object.getOwnPropertyDescriptors(change(connection)),
    ) as unknown as Connection
  }
  return {
    ...good,
    connect: (context: ConnectContext) => {
      const connection = good.connect(context)
      return isPromise(connection) ? connection.then(changed) : changed(connection)
    },
  }
}

/** The adapter with what it executes, or what comes of it, changed. */
export function withExecute(
  good: Adapter,
  change: {
    readonly request?: (request: Request) => Request
    readonly result?: (result: Result, request: Request) => Result
  },
): Adapter {
  return withConnection(good, (connection) => ({
    execute(given) {
      const request = change.request?.(given) ?? given
      const after = (result: Result) => change.result?.(result, request) ?? result
      const result = connection.execute(request)
      return isPromise(result) ? result.then(after) : after(result)
    },
  }))
}

/** The adapter with another manifest. */
export function withClaims(good: Adapter, claims: Partial<Capabilities>): Adapter {
  return { ...good, capabilities: { ...good.capabilities, ...claims } }
}

/** The adapter with one codec changed. */
export function withCodec(
  good: Adapter,
  name: LogicalTypeName,
  change: (codec: TypeCodec) => Partial<TypeCodec>,
): Adapter {
  const codec = good.types.codecs[name]
  if (codec === undefined) throw new TypeError(`the adapter has no codec for ${name}`)
  const codecs = { ...good.types.codecs, [name]: { ...codec, ...change(codec) } }
  return { ...good, types: { ...good.types, codecs } }
}

/** The adapter with parts of its dialect written otherwise. */
export function withWriters(good: Adapter, overrides: DialectOverrides): Adapter {
  return { ...good, dialect: (good.dialect as StandardDialect).extend({ overrides }) }
}

/** The adapter with another `compile`. */
export function withCompile(
  good: Adapter,
  change: (dialect: Dialect) => Dialect['compile'],
): Adapter {
  const { dialect } = good
  return {
    ...good,
    dialect: {
      name: dialect.name,
      ping: dialect.ping,
      cursor: dialect.cursor,
      quoteIdentifier: (name) => dialect.quoteIdentifier(name),
      quoteLiteral: (value) => dialect.quoteLiteral(value),
      transaction: (command) => dialect.transaction(command),
      compile: change(dialect),
    },
  }
}

/** The adapter with another verdict on errors. */
export function withVerdict(
  good: Adapter,
  change: (description: ErrorDescription, error: Error) => ErrorDescription | undefined,
): Adapter {
  return {
    ...good,
    classifyError: (error) => {
      const description = good.classifyError(error)
      return description === undefined ? undefined : change(description, error as Error)
    },
  }
}
