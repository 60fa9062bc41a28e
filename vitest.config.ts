import { defineConfig } from 'vitest/config'

const perFile = ['**/node_modules/**', '**/dist/**']
const slow = ['**/*.integration.test.ts', '**/*.extended.test.ts']

// Packages of this repository resolve each other from source, in the test's own process and in the
// processes it starts with `process.execArgv`.
const condition = 'mortise-source'
const conditions = [condition, 'module', 'node', 'development|production']
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } }
const execArgv = [`--conditions=${condition}`]

export default defineConfig({
  test: {
    projects: [
      {
        ...fromSource,
        test: {
          name: 'unit',
          include: ['packages/*/{src,test}/**/*.test.ts', '{bench,tools}/**/*.test.ts'],
          exclude: [...perFile, ...slow],
          execArgv,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'integration',
          include: [
            'packages/*/src/**/*.integration.test.ts',
            'integration/**/*.test.ts',
            'examples/**/*.test.ts',
          ],
          exclude: [...perFile, '**/*.extended.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          execArgv,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'extended',
          include: ['{packages,integration,bench,tools}/**/*.extended.test.ts'],
          exclude: perFile,
          testTimeout: 600_000,
          hookTimeout: 120_000,
          execArgv,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            checker: 'tsc',
            tsconfig: 'tsconfig.json',
            // `npm run typecheck` judges the sources; this project judges the type tests.
            ignoreSourceErrors: true,
            include: ['packages/*/src/**/*.test-d.ts', 'integration/**/*.test-d.ts'],
          },
        },
      },
    ],
  },
})
