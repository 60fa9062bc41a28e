import { serialize } from 'pg-protocol'

/*
 * The one place that knows pg-protocol. It encodes the messages that are sent seldom; those of every
 * call are written by `call-writer.ts`.
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

/** Ends the session. */
export function terminate(): Buffer {
  return encoded(() => serialize.end())
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
