import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sendWith } from './apply-fix.ts'
import { examine, withSecret, type Findings } from './doctor.ts'
import type { SetUp } from './set-up.ts'
import { setUps } from './set-ups.ts'
import { tableOf } from './table.ts'
import { startWorld } from './world.ts'

const DOCS = new URL('../../docs/doctor-set-ups.md', import.meta.url)
const rows = new Map<SetUp, Findings>()

describe('the doctor', () => {
  it.each(setUps.map((setUp) => [nameOf(setUp), setUp] as const))('%s', async (_name, setUp) => {
    const secret = setUp.password ?? randomBytes(12).toString('base64')
    await using world = await startWorld(setUp)
    const { findings, status, output } = await examine(setUp, secret)
    const { failure, fixes, steps, verdict } = findings
    const seen = `${JSON.stringify(findings, undefined, 1)}\n${output.slice(-2_000)}`

    expect(failure?.code ?? 'works', seen).toBe(setUp.finds)
    expect(status, seen).toBe(setUp.finds === 'works' ? 0 : 1)
    expect(verdict === 'fail', seen).toBe(setUp.finds !== 'works')
    // A password of one word of the dictionary may be in a sentence by chance.
    if (secret.length > 10) expect(output).not.toContain(secret)
    if (setUp.warns) {
      const warnings = steps.filter((step) => step.verdict === 'warn')
      expect(warnings.map(({ name, detail }) => `${name}: ${detail}`).join('\n'), seen).toMatch(setUp.warns)
    }
    if (setUp.says) expect(fixes.map(({ change }) => change).join('\n'), seen).toMatch(setUp.says)
    expect(world.logIns(), 'log-ins').toBeLessThanOrEqual(2)

    rows.set(setUp, findings)
    const tried = fixes.find(({ verified }) => verified)
    expect(kindOf(setUp.finds, fixes.length, tried !== undefined), seen).toContain(setUp.fix)
    // What is only proposed was not tried for a reason, such as a certificate that a person has to confirm. It works, too.
    const works = tried ?? fixes.find(({ url, options }) => url ?? options)
    if (setUp.fix === 'tried' || setUp.fix === 'proposed') {
      const before = setUp.stands ?? setUp.asks.find((each) => each.includes('://'))
      const url = setUp.finds.startsWith('config/') ? undefined : before && withSecret(before, secret)
      expect(await sendWith(works!, url, secret, setUp)).toMatch(/^250 /)
    }
  })
})

describe('the table in the docs', () => {
  it('is what the doctor finds', () => {
    if (rows.size < setUps.length) throw new Error('some set-ups failed, or were not run')
    const before = readFileSync(DOCS, 'utf8')
    const after = before.replace(
      /(<!-- table -->\n)[^]*(<!-- end -->)/,
      (_, start: string, end: string) => `${start}${tableOf(rows)}${end}`,
    )
    if (process.env.WRITE_DOCS) writeFileSync(DOCS, after)
    else expect(before, 'run WRITE_DOCS=1 pnpm test:doctor').toBe(after)
  })
})

/** What the fixes amount to. */
function kindOf(finds: SetUp['finds'], count: number, isTried: boolean): SetUp['fix'][] {
  if (isTried) return ['tried']
  if (count > 0) return ['proposed', 'somebody else']
  return finds === 'works' ? ['none needed'] : []
}

function nameOf({ title, servers }: SetUp): string {
  return typeof servers === 'string' ? `${title} (${servers})` : title
}
