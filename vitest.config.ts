import { defineConfig } from 'vitest/config'

// Tests read the packages' sources through the `@loudmail/source` exports condition: nothing is built first.
export default defineConfig({
  resolve: { conditions: ['@loudmail/source'] },
  ssr: { resolve: { conditions: ['@loudmail/source'], externalConditions: ['@loudmail/source'] } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'apps/*/test/**/*.test.ts',
      'docs/**/*.test.ts',
      'chaos/test/*.test.ts',
      'crash/test/*.test.ts',
    ],
    reporters: ['default', ['json', { outputFile: 'report.json' }]],
    testTimeout: 20_000,
    // On a busy machine, one second is soon over.
    expect: { poll: { timeout: 5_000 } },
  },
})
