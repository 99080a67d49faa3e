import { defineConfig } from 'vitest/config'

// In a network of its own, so apart from the other tests: `pnpm test:doctor`, after interop/install.sh.
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['@loudmail/source'] },
  ssr: { resolve: { conditions: ['@loudmail/source'], externalConditions: ['@loudmail/source'] } },
  test: {
    include: ['*.test.ts'],
    reporters: ['default', ['json', { outputFile: '../../report-doctor.json' }]],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
