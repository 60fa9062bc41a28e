import { connect, type Socket } from 'node:net'
import type { ConnectContext, Notice } from '@mortise/core/adapter'
import { Authentication } from '../auth/authenticate.ts'
import { PostgresConnection } from '../connection.ts'
import type { ParsedOptions } from '../options.ts'
import { Channel, ConnectionLostError } from '../wire/channel.ts'
import { startup } from '../wire/protocol.ts'
import type { ErrorFields } from '../wire/server-error.ts'
import { StartupExchange } from './startup-exchange.ts'

/**
 * Opens one session: socket, startup message, authentication, up to the server's first
 * ReadyForQuery. The context's signal ends it at any point.
 */
export async function openSession(
  options: ParsedOptions,
  context: ConnectContext,
): Promise<PostgresConnection> {
  const socket = await openSocket(options, context.signal)
  let connection: PostgresConnection | undefined
  const channel = new Channel(socket, options.maxMessageBytes, {
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
  const onAbort = (): void => channel.fail(context.signal.reason)
  context.signal.addEventListener('abort', onAbort, { once: true })
  try {
    const exchange = new StartupExchange(new Authentication(options), (bytes) =>
      channel.send(bytes),
    )
    channel.begin(exchange)
    channel.send(
      startup({
        user: options.user,
        database: options.database,
        application_name: options.applicationName,
        client_encoding: 'UTF8',
        // What the type readers rely on; a session that changes one is reset before its next use.
        DateStyle: 'ISO, MDY',
        IntervalStyle: 'postgres',
        TimeZone: 'UTC',
        extra_float_digits: '1',
        bytea_output: 'hex',
      }),
    )
    await exchange.promise
  } catch (error) {
    channel.fail(error)
    throw error
  } finally {
    context.signal.removeEventListener('abort', onAbort)
  }
  connection = new PostgresConnection(channel, socket)
  return connection
}

function openSocket(options: ParsedOptions, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = options.host.startsWith('/')
      ? connect(`${options.host}/.s.PGSQL.${options.port}`)
      : connect(options.port, options.host)
    socket.setNoDelay(true)
    const end = (): void => {
      socket.off('error', onError)
      socket.off('connect', onConnect)
      signal.removeEventListener('abort', onAbort)
    }
    const onConnect = (): void => {
      end()
      resolve(socket)
    }
    const onError = (error: Error): void => {
      end()
      reject(
        new ConnectionLostError(`no connection to ${options.host}:${options.port}`, {
          cause: error,
        }),
      )
    }
    const onAbort = (): void => {
      end()
      socket.destroy()
      reject(signal.reason)
    }
    socket.once('connect', onConnect)
    socket.once('error', onError)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}

/** A notice as the contract has it. Detail and hint may hold values; they stay with the server's log. */
function noticeOf(fields: ErrorFields): Notice {
  return { severity: fields.severity, code: fields.code, message: fields.message }
}
