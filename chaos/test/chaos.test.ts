import { expect, it } from 'vitest'
import { reportOf } from '../src/report.ts'
import { allScenes, run } from '../src/run.ts'

const SENDS = 250
const chosen = Math.floor(Math.random() * 1e6)

it.each([1, 2, 5, chosen])(
  'what is told of a message is what servers that misbehave at random took (seed %i)',
  async (seed) => {
    const result = await run(seed, allScenes(), SENDS)
    expect([...result.failed, ...result.contradictions].length, reportOf(result)).toBe(0)
  },
  60_000,
)

it.each([
  ['retry(failover([limit(smtp()), smtp()]))', 'retry failover limit'],
  ['every wrapper at once', 'all'],
  ['failover([retry(resend()), postmark(), smtp()])', 'providers'],
] as const)(
  `the same is true of ten thousand messages through %s (seed ${chosen})`,
  async (_title, through) => {
    const result = await run(chosen, allScenes(), 10_000, { through })
    expect([...result.failed, ...result.contradictions].length, reportOf(result)).toBe(0)
  },
  600_000,
)
