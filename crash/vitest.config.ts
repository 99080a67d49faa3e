import { defineConfig } from 'vitest/config'

// Both stores, apart from the quick tests: after interop/install.sh. All of it is `pnpm test:crash`.
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['@loudmail/source'] },
  ssr: { resolve: { conditions: ['@loudmail/source'], externalConditions: ['@loudmail/source'] } },
  test: {
    include: ['test/stores/*.test.ts'],
    reporters: ['default', ['json', { outputFile: '../report-crash.json' }]],
    testTimeout: 300_000,
    hookTimeout: 60_000,
  },
})
