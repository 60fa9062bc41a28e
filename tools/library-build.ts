import type { Options } from 'tsup'

/**
 * The build of every published package: ESM, declarations and source maps, one output file an
 * entry with the shared code in chunks, so that a class is the same class through every entry.
 */
export function libraryBuild(entry: Record<string, string>): Options {
  return {
    entry,
    format: 'esm',
    target: 'node22',
    platform: 'node',
    dts: true,
    sourcemap: true,
    splitting: true,
    treeshake: true,
    clean: true,
    tsconfig: 'tsconfig.build.json',
  }
}
