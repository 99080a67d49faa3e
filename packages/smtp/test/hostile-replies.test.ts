import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { failure, message, scene } from './scene.ts'

const recipients = (count: number): string[] => Array.from({ length: count }, (_, n) => `r${n}@rcpt.example`)

/** A megabyte in one reply. */
const endless = [
  ...Array.from({ length: 255 }, () => `550-5.7.1 ${'no '.repeat(1_300)}`),
  '550 5.7.1 no',
].join('\n')

describe('a refusal of a megabyte', () => {
  it.each([
    ['for each of 50 recipients', { RCPT: endless }],
    ['of the content for 50 recipients', { DOT: endless }],
  ])('%s keeps nothing busy for long, and is shown in part', async (_where, on) => {
    await using here = await scene({ caps: ['PIPELINING'], on }, { timeoutMs: 20_000 })
    const before = process.cpuUsage()
    const error = await failure(here.transport, message({ bcc: recipients(49) }))
    const { user } = process.cpuUsage(before)
    expect(error.recipients).toHaveLength(50)
    // The server of this test, which writes 50 megabytes, is part of it.
    expect(user / 1e6).toBeLessThan(6)
    expect(error.message.length).toBeLessThan(3_000)
    expect(JSON.stringify(error).length).toBeLessThan(200_000)
    expect(inspect(error).length).toBeLessThan(200_000)
  })
})
