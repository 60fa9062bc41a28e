import type { ConnectContext, Notice } from '@mortise/core/adapter'
import { Authentication } from '../auth/authenticate.ts'
import { PostgresConnection } from '../connection.ts'
import type { ParsedOptions } from '../options/options.ts'
import type { SslMode } from '../options/tls.ts'
import { Channel, ConnectionLostError } from '../wire/channel.ts'
import { FrameError } from '../wire/frame-reader.ts'
import { startup } from '../wire/protocol.ts'
import { type ErrorFields, ServerError } from '../wire/server-error.ts'
import { ConnectError, codeOf } from './connect-error.ts'
import { connectLimit } from './connect-limit.ts'
import { passwordFromFile } from './password-file.ts'
import { nameOf } from './socket.ts'
import { StartupExchange, UnexpectedMessageError } from './startup-exchange.ts'
import { openTransport, type Transport } from './transport.ts'

/**
 * Opens one session: socket, encryption, startup message, authentication, up to the server's first
 * ReadyForQuery. The context's signal ends it at any point.
 *
 * `allow` and `prefer` have a second way, which is taken only where the server will not have the
 * first: the handshake failed, or its rules (pg_hba.conf) refuse such a connection. No password has
 * been sent then.
 *
 * @throws ConnectError, AuthenticationError, ScramError, ServerError, or the signal's reason
 */
export async function openSession(
  options: ParsedOptions,
  context: ConnectContext,
): Promise<PostgresConnection> {
  const limit = connectLimit(context.signal, options.connectTimeoutMs)
  try {
    const [first, second] = ways[options.tls.mode]
    let encrypted = first
    try {
      const transport = await openTransport(options, first, limit.signal)
      encrypted = transport.tls !== undefined
      return await startSession(options, transport, context, limit.signal)
    } catch (error) {
      if (second === undefined || encrypted === second || limit.signal.aborted) throw error
      if (!mayGoTheOtherWay(error)) throw error
    }
    const transport = await openTransport(options, second, limit.signal)
    return await startSession(options, transport, context, limit.signal)
  } finally {
    limit.clear()
  }
}

/** Whether to encrypt, at first and where that is refused. */
const ways: { readonly [mode in SslMode]: readonly [first: boolean, second?: boolean] } = {
  disable: [false],
  allow: [false, true],
  prefer: [true, false],
  require: [true],
  'verify-ca': [true],
  'verify-full': [true],
}

/** SQLSTATE of a connection that no line of pg_hba.conf allows. */
const invalidAuthorization = '28000'

function mayGoTheOtherWay(error: unknown): boolean {
  if (error instanceof ServerError) return error.fields.code === invalidAuthorization
  return error instanceof ConnectError && error.handshake
}

/** Most bytes of a message before the server is known. libpq takes 30,000 for an error. */
const maxStartupMessageBytes = 65_536

async function startSession(
  options: ParsedOptions,
  { socket, tls }: Transport,
  context: ConnectContext,
  signal: AbortSignal,
): Promise<PostgresConnection> {
  let connection: PostgresConnection | undefined
  const channel = new Channel(socket, Math.min(maxStartupMessageBytes, options.maxMessageBytes), {
    notice: (fields) => {
      if (connection === undefined) context.onNotice(noticeOf(fields))
      else connection.noticed(noticeOf(fields))
    },
    notification: () => {},
    parameter: () => connection?.parameterChanged(),
    closed: (error) => {
      if (connection !== undefined) context.onClosed(error)
    },
  })
  // Paused behind the answer about encryption, so that nothing was read without a reader.
  socket.resume()
  const onAbort = (): void => channel.fail(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    const password = options.password ?? (() => passwordFromFile(options.passFile, options))
    const exchange = new StartupExchange(
      new Authentication({ ...options, password, tls }),
      (bytes) => channel.send(bytes),
    )
    channel.begin(exchange)
    channel.send(startup(sessionParameters(options)))
    await exchange.promise
  } catch (error) {
    channel.fail(error)
    throw error instanceof ConnectionLostError ? beforeTheSession(error, nameOf(options)) : error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
  channel.maxMessageBytes = options.maxMessageBytes
  connection = new PostgresConnection(channel, socket)
  return connection
}

function sessionParameters(options: ParsedOptions): Readonly<Record<string, string>> {
  return {
    user: options.user,
    database: options.database,
    application_name: options.applicationName,
    ...(options.serverOptions === undefined ? {} : { options: options.serverOptions }),
    client_encoding: 'UTF8',
    // What the type readers rely on; a session that changes one is reset before its next use.
    DateStyle: 'ISO, MDY',
    IntervalStyle: 'postgres',
    TimeZone: 'UTC',
    extra_float_digits: '1',
    bytea_output: 'hex',
  }
}

/** What the loss of a connection means that was no session yet: nothing can have happened on it. */
function beforeTheSession({ cause }: ConnectionLostError, name: string): ConnectError {
  if (cause instanceof FrameError || cause instanceof UnexpectedMessageError) {
    return new ConnectError(
      'connection_refused',
      `${name} does not speak PostgreSQL's protocol, or no version of it that this driver knows. Check the host and the port`,
      cause,
    )
  }
  const code = codeOf(cause)
  if (code?.startsWith('ERR_SSL')) {
    return new ConnectError(
      'authentication',
      `${name} ended the encryption [${code}]; it may want a client certificate (sslCert and sslKey), or another one`,
      cause,
    )
  }
  return new ConnectError(
    'connection_refused',
    `${name} closed the connection before there was a session`,
    cause,
  )
}

/** A notice as the contract has it. Detail and hint may hold values; they stay with the server's log. */
function noticeOf(fields: ErrorFields): Notice {
  return { severity: fields.severity, code: fields.code, message: fields.message }
}
