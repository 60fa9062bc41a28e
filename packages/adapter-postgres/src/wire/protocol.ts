import { serialize } from 'pg-protocol'
import type { BackendMessage } from 'pg-protocol/dist/messages'
import { Parser } from 'pg-protocol/dist/parser'

/*
 * The one place that knows pg-protocol. It encodes the messages that are sent seldom and decodes the
 * control messages; the messages of every call are written and read by `call-writer.ts` and the row
 * decoders, because a profile asked for it.
 *
 * Its writer is one buffer for the whole process, and a throw while it encodes leaves bytes that go
 * before the next message of any connection. So nothing reaches it that could make it throw, and if
 * it throws all the same the residue is taken out.
 */

/** A text for the wire holds no NUL: the protocol ends strings with one. */
export class WireTextError extends Error {
  override readonly name = 'WireTextError'
}

/** Asks for the protocol version 3.0 with the session's parameters. */
export function startup(parameters: Readonly<Record<string, string>>): Buffer {
  for (const [name, value] of Object.entries(parameters)) {
    checkText(name, 'the name of a startup parameter')
    checkText(value, `the startup parameter ${name}`)
  }
  return encoded(() => serialize.startup({ ...parameters }))
}

/** Asks whether the server speaks TLS. */
export function sslRequest(): Buffer {
  return encoded(() => serialize.requestSsl())
}

/** A password, in the clear or as the MD5 answer. */
export function password(text: string): Buffer {
  checkText(text, 'the password')
  return encoded(() => serialize.password(text))
}

/** Begins SASL. */
export function saslInitialResponse(mechanism: string, response: string): Buffer {
  checkText(mechanism, 'the SASL mechanism')
  return encoded(() => serialize.sendSASLInitialResponseMessage(mechanism, response))
}

/** Goes on with SASL. */
export function saslResponse(response: string): Buffer {
  return encoded(() => serialize.sendSCRAMClientFinalMessage(response))
}

/** A simple query: one or more statements without parameters. */
export function query(sql: string): Buffer {
  checkText(sql, 'the SQL')
  return encoded(() => serialize.query(sql))
}

/** Prepares a statement; `''` is the unnamed one. */
export function parse(name: string, sql: string, types: readonly number[]): Buffer {
  checkText(sql, 'the SQL')
  return encoded(() => serialize.parse({ name, text: sql, types: [...types] }))
}

/** Frees a prepared statement. */
export function closeStatement(name: string): Buffer {
  return encoded(() => serialize.close({ type: 'S', name }))
}

/** Frees a portal. */
export function closePortal(name: string): Buffer {
  return encoded(() => serialize.close({ type: 'P', name }))
}

/** Ends the session. */
export function terminate(): Buffer {
  return encoded(() => serialize.end())
}

/** Refuses a COPY that the server asks for. */
export function copyFail(reason: string): Buffer {
  checkText(reason, 'the reason')
  return encoded(() => serialize.copyFail(reason))
}

/** Decodes one control message, given whole. Never a DataRow: that has a reader of its own. */
export function decode(type: number, buffer: Buffer, start: number, end: number): BackendMessage {
  let decoded: BackendMessage | undefined
  // A parser of its own for each message: what a hostile message leaves behind ends with it.
  new Parser().parse(buffer.subarray(start - 5, end), (message) => {
    decoded = message
  })
  if (decoded === undefined) {
    throw new Error(`the server's message "${String.fromCharCode(type)}" is not whole`)
  }
  return decoded
}

function checkText(text: string, what: string): void {
  if (typeof text !== 'string') throw new WireTextError(`${what} is not a string`)
  if (text.includes('\0')) {
    throw new WireTextError(
      `${what} holds a NUL character, which would end it early on the wire; remove it`,
    )
  }
}

function encoded(encode: () => Buffer): Buffer {
  try {
    return encode()
  } catch (error) {
    serialize.query('')
    throw error
  }
}
