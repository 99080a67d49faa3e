import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The quickest files first: the first test that fails ends the run of a mutant. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line no-array-sort
    return (await super.sort(files)).toReversed()
  }
}

// The tests of core alone, without those that are slow on purpose: they are run again for every mutant.
export default defineConfig({
  resolve: { conditions: ['@loudmail/source'] },
  ssr: { resolve: { conditions: ['@loudmail/source'], externalConditions: ['@loudmail/source'] } },
  test: {
    include: ['packages/core/test/**/*.test.ts'],
    exclude: ['packages/core/test/hostile.test.ts'],
    sequence: { sequencer: QuickestFirst },
  },
})
