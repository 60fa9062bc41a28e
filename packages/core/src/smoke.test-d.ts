import { expectTypeOf, test } from 'vitest'
test('y', () => { expectTypeOf<1>().toEqualTypeOf<1>() })
