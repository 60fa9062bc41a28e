import { describe, expect, it } from 'vitest'
import { CallWriter } from './call-writer.ts'
import { FrameReader } from './frame-reader.ts'

function messages(bytes: Buffer): string[] {
  const seen: string[] = []
  new FrameReader(2 ** 30, (type, buffer, start, end) => {
    seen.push(`${String.fromCharCode(type)} ${buffer.toString('hex', start, end)}`)
  }).push(bytes)
  return seen
}

describe('CallWriter', () => {
  it('writes a whole call as the protocol has it', () => {
    const writer = new CallWriter()
    writer.closeStatement('old')
    writer.parse('s', 'select $1', [23])
    writer.bind('s', ['é', null])
    writer.describePortal()
    writer.execute(0)
    writer.sync()
    expect(messages(writer.take())).toEqual([
      'C 536f6c6400',
      'P 730073656c65637420243100000100000017',
      'B 00730000000002' + '00000002c3a9' + 'ffffffff' + '0000',
      'D 5000',
      'E 0000000000',
      'S ',
    ])
    expect(writer.length).toBe(0)
  })

  it('says which parameters are binary as soon as one is', () => {
    const writer = new CallWriter()
    writer.bind('', ['a', new Uint8Array([1, 2, 3]).subarray(1)])
    expect(messages(writer.take())).toEqual([
      'B 0000' + '0002' + '0000' + '0001' + '0002' + '0000000161' + '000000020203' + '0000',
    ])
  })

  it('takes a call back without a trace', () => {
    const writer = new CallWriter()
    writer.sync()
    const mark = writer.mark()
    writer.parse('s', 'half a call', [])
    writer.rewind(mark)
    writer.sync()
    expect(messages(writer.take())).toEqual(['S ', 'S '])
  })

  it('grows for a large value and never changes bytes that were taken', () => {
    const writer = new CallWriter()
    const large = 'ä'.repeat(1_000_000)
    writer.bind('', [large])
    const first = writer.take()
    const copy = Buffer.from(first)
    for (let i = 0; i < 100; i++) {
      writer.bind('', ['b'.repeat(1000)])
      writer.take()
    }
    expect(first.equals(copy)).toBe(true)
    expect(first.includes(Buffer.from(large))).toBe(true)
  })
})
