import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Channel, type ChannelEvents, ConnectionLostError, type Exchange } from './channel.ts'
import { ServerError } from './server-error.ts'

/** A socket whose other end is the test. */
class TestSocket extends Duplex {
  readonly written: Buffer[] = []

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk)
    done()
  }

  /** Lets the channel see bytes at once. */
  arrive(...messages: Buffer[]): void {
    this.emit('data', Buffer.concat(messages))
  }
}

function message(type: string, body: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(body)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(4 + bytes.length, 1)
  return Buffer.concat([head, bytes])
}

const ready = message('Z', 'I')
const failure = (code: string, severity = 'ERROR'): Buffer =>
  message('E', `V${severity}\0C${code}\0Mtext\0\0`)

function setup(limit = 10_000) {
  const socket = new TestSocket()
  const told: unknown[] = []
  const events: ChannelEvents = {
    notice: (fields) => told.push(['notice', fields.code]),
    notification: (channel, payload) => told.push(['notification', channel, payload]),
    parameter: (name, value) => told.push(['parameter', name, value]),
    closed: (error) => told.push(['closed', error]),
  }
  const channel = new Channel(socket, limit, events)
  const call = (name: string, log: unknown[]): void => {
    const exchange: Exchange = {
      message: (type) => log.push([name, String.fromCharCode(type)]),
      error: (fields) => log.push([name, fields.code]),
      ready: (status) => log.push([name, status]),
      lost: (error) => log.push([name, error]),
    }
    channel.writer.sync()
    channel.begin(exchange)
  }
  return { socket, channel, told, call }
}

describe('Channel', () => {
  it('gives each exchange its own messages, in order', () => {
    const { socket, call } = setup()
    const log: unknown[] = []
    call('a', log)
    call('b', log)
    socket.arrive(message('1'), message('D'), ready, failure('23505'), ready)
    expect(log).toEqual([
      ['a', '1'],
      ['a', 'D'],
      ['a', 'I'],
      ['b', '23505'],
      ['b', 'I'],
    ])
  })

  it('sends what was written in one tick as one piece', async () => {
    const { socket, call } = setup()
    call('a', [])
    call('b', [])
    expect(socket.written).toEqual([])
    await Promise.resolve()
    expect(socket.written.map((chunk) => chunk.length)).toEqual([10])
  })

  it('takes out what the server says unasked, in the middle of an answer', () => {
    const { socket, call, told } = setup()
    const log: unknown[] = []
    call('a', log)
    socket.arrive(
      message('N', 'VNOTICE\0C00000\0Mhello\0\0'),
      message('S', 'TimeZone\0UTC\0'),
      message('A', Buffer.concat([Buffer.alloc(4), Buffer.from('channel\0payload\0')])),
      ready,
    )
    expect(log).toEqual([['a', 'I']])
    expect(told).toEqual([
      ['notice', '00000'],
      ['parameter', 'TimeZone', 'UTC'],
      ['notification', 'channel', 'payload'],
    ])
  })

  it('gives every exchange that waits the error when the connection is lost', () => {
    const { socket, channel, call, told } = setup()
    const log: [string, unknown][] = []
    call('a', log)
    call('b', log)
    socket.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    expect(log.map(([name]) => name)).toEqual(['a', 'b'])
    for (const [, error] of log) expect(error).toBeInstanceOf(ConnectionLostError)
    expect(told).toHaveLength(1)
    expect(channel.isLost).toBe(true)
    call('late', log)
    expect(log.at(-1)).toEqual(['late', log[0]?.[1]])
  })

  it("closes with the server's own last word", () => {
    const { socket, told } = setup()
    socket.arrive(failure('57P01', 'FATAL'))
    socket.emit('close')
    const error = (told[0] as [string, ServerError])[1]
    expect(error).toBeInstanceOf(ServerError)
    expect(error.fields.code).toBe('57P01')
  })

  it.each([
    ['an answer to nothing', () => message('C', 'SELECT 1\0')],
    ['a ReadyForQuery to nothing', () => ready],
    ['an error to nothing', () => failure('23505')],
    ['a message over the limit', () => message('N', Buffer.alloc(20_000))],
  ])('ends the connection for %s', (_name, bytes) => {
    const { socket, channel, told } = setup()
    socket.arrive(bytes())
    expect(channel.isLost).toBe(true)
    expect(told).toHaveLength(1)
    expect(socket.destroyed).toBe(true)
  })

  it('hands out nothing of the chunk in which the connection ended', () => {
    const { socket, call } = setup()
    const log: unknown[] = []
    call('a', log)
    socket.arrive(ready, ready, message('D'), ready)
    expect(log).toEqual([['a', 'I']])
  })
})
