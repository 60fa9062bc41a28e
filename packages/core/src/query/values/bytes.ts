import { isUint8Array } from 'node:util/types'
import { ValueError } from '../../errors/index.ts'
import type { Conversion } from './conversion.ts'
import { wrongKind } from './value-kind.ts'

/**
 * `bytes`: a `Uint8Array`, `Buffer` and views of part of a buffer included. It is handed on as it
 * is, not copied: do not change it before the call has settled.
 */
export const bytesConversion: Conversion = {
  toCanonical(value) {
    if (!isUint8Array(value)) {
      throw wrongKind(
        'a Uint8Array',
        value,
        'wrap an ArrayBuffer as new Uint8Array(buffer), another view as new Uint8Array(view.buffer, view.byteOffset, view.byteLength), text by new TextEncoder().encode(text)',
      )
    }
    if (value.byteLength === 0 && isDetached(value.buffer)) {
      throw new ValueError('is a Uint8Array whose buffer was transferred away; its bytes are gone')
    }
    return value
  },
  toApplication: undefined,
}

function isDetached(buffer: ArrayBufferLike): boolean {
  // ES2024, in every supported runtime; a SharedArrayBuffer cannot be detached and lacks it.
  return (buffer as { readonly detached?: boolean }).detached === true
}
