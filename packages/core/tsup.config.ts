import { defineConfig } from 'tsup'
import { libraryBuild } from '../../tools/library-build.ts'

export default defineConfig(libraryBuild({ index: 'src/index.ts', adapter: 'src/adapter.ts' }))
