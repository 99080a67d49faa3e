import { expect, it } from 'vitest'
import { reportOf } from '../src/report.ts'
import { run } from '../src/run.ts'
import { sqliteFiles } from '../src/test-store.ts'

it.each(['park', 'resend'] as const)(
  'processes that are killed lose nothing and send nothing twice (%s)',
  async (inDoubt) => {
    const store = sqliteFiles()
    const played = await run({
      seed: Math.floor(Math.random() * 1e6),
      messages: 30,
      kills: 3,
      inDoubt,
      store,
    })
    expect(played.flatMap(({ contradictions }) => contradictions).length, reportOf(played)).toBe(0)
  },
  120_000,
)
