import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameError, FrameReader } from './frame-reader.ts'

function message(type: string, body: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + body.length)
  frame.write(type, 0, 'latin1')
  frame.writeInt32BE(4 + body.length, 1)
  frame.set(body, 5)
  return frame
}

function reader(limit = 1_000_000) {
  const seen: string[] = []
  const frames = new FrameReader(limit, (type, buffer, start, end) => {
    seen.push(`${String.fromCharCode(type)}:${buffer.toString('hex', start, end)}`)
  })
  return { frames, seen }
}

describe('FrameReader', () => {
  it('hands out the same messages however the stream is cut', () => {
    const messages = fc.array(
      fc.tuple(fc.constantFrom('D', 'Z', 'C', 'N'), fc.uint8Array({ maxLength: 40 })),
      { minLength: 1, maxLength: 12 },
    )
    fc.assert(
      fc.property(messages, fc.array(fc.nat(30)), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(([type, body]) => message(type, body)))
        const { frames, seen } = reader()
        let offset = 0
        for (const cut of cuts) {
          frames.push(stream.subarray(offset, offset + cut))
          offset += cut
        }
        frames.push(stream.subarray(offset))
        expect(seen).toEqual(
          sent.map(([type, body]) => `${type}:${Buffer.from(body).toString('hex')}`),
        )
        expect(frames.midMessage).toBe(false)
      }),
    )
  })

  it('hands out a whole message without copying it', () => {
    const chunk = message('D', new Uint8Array([1, 2, 3]))
    let seen: Buffer | undefined
    new FrameReader(100, (_type, buffer) => {
      seen = buffer
    }).push(chunk)
    expect(seen).toBe(chunk)
  })

  it('refuses a length over the limit before memory is taken', () => {
    const { frames } = reader(1000)
    const before = process.memoryUsage().arrayBuffers
    const huge = Buffer.from([68, 0x7f, 0xff, 0xff, 0xff])
    expect(() => frames.push(huge)).toThrow(FrameError)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
  })

  it.each([0, 1, 3, -1])('refuses a length of %i', (length) => {
    const { frames } = reader()
    const header = Buffer.alloc(5)
    header.write('Z')
    header.writeInt32BE(length, 1)
    expect(() => frames.push(header.subarray(0, 2))).not.toThrow()
    expect(() => frames.push(header.subarray(2))).toThrow(FrameError)
  })

  it('hands out nothing after stop, also not of the chunk at hand', () => {
    const seen: number[] = []
    const frames: FrameReader = new FrameReader(100, (type) => {
      seen.push(type)
      frames.stop()
    })
    const body = new Uint8Array([1])
    frames.push(Buffer.concat([message('A', body), message('B', body)]))
    frames.push(message('C', body))
    expect(seen).toEqual([65])
  })
})
