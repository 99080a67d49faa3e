import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const SLOW = ['ending', 'hostile', 'many-recipients', 'printed', 'send-many']

/** The quickest files first: the first test that fails ends the run of a mutant. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line no-array-sort
    return (await super.sort(files)).toReversed()
  }
}

// The tests of core alone, because they are run again for every mutant. Those that wait for long, work for long or start
// a process of their own are left out.
export default defineConfig({
  resolve: { conditions: ['@loudmail/source'] },
  ssr: { resolve: { conditions: ['@loudmail/source'], externalConditions: ['@loudmail/source'] } },
  test: {
    include: ['packages/core/test/**/*.test.ts'],
    exclude: SLOW.map((name) => `packages/core/test/${name}.test.ts`),
    sequence: { sequencer: QuickestFirst },
  },
})
