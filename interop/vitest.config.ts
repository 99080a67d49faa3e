import { defineConfig } from 'vitest/config'

// Real servers, apart from the quick tests: `pnpm test:interop`, after interop/install.sh.
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['@loudmail/source'] },
  ssr: { resolve: { conditions: ['@loudmail/source'], externalConditions: ['@loudmail/source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', ['json', { outputFile: '../report-interop.json' }]],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
