import { defineFixture } from '../fixture/index.ts'
import { tinyAdapter } from './tiny-adapter.ts'

/** The tiny adapter as a fixture; also what the command line's tests load. */
export default defineFixture({
  name: 'tiny',
  adapter: () => tinyAdapter(),
  prefixes: ['other'],
})
