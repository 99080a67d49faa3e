import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Stage } from '../src/index.ts'
import { diagnoseReply, parseReply } from '../src/transport.ts'

/** Replies that providers document or that were seen from them, with the kinds that say what they mean. */
const [, ...rows] = readFileSync(new URL('fixtures/provider-replies.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map(
    (line) =>
      line.split('\t') as [provider: string, stage: Stage, reply: string, kinds: string, permanence: string],
  )

describe('a reply of a provider has the meaning that the provider documents', () => {
  it.each(rows)('%s, at %s: %s is %s and %s', (_provider, stage, reply, kinds, permanence) => {
    const found = diagnoseReply(stage, parseReply([reply])!)
    expect(kinds.split('|')).toContain(found.kind)
    expect(found.permanence).toBe(permanence)
  })
})
