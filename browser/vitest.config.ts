import { defineConfig } from 'vitest/config'

// A real browser, apart from the quick tests: `pnpm test:browser`, after browser/install.sh.
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['@loudmail/source'] },
  ssr: { resolve: { conditions: ['@loudmail/source'], externalConditions: ['@loudmail/source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', ['json', { outputFile: '../report-browser.json' }]],
    testTimeout: 30_000,
    // A browser takes longer than the second that is the default, on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
  },
})
