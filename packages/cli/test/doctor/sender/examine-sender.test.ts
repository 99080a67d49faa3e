import { expect, test } from 'vitest'
import type { Step, Verdict } from '../../../src/doctor/report.ts'
import { examine, GOOD, OPTIONS } from './sender-case.ts'

const verdicts = (steps: readonly Step[]): Verdict[] => steps.map(({ verdict }) => verdict)

test('a sender that is set up well passes in every step', async () => {
  const steps = await examine(GOOD)
  expect(steps.map(({ name, verdict }) => `${verdict} ${name}`)).toEqual([
    'pass domain',
    'pass MX',
    'pass SPF record',
    'pass SPF of address',
    'pass DKIM key',
    'pass DMARC',
    'pass reverse name',
  ])
  expect(steps.every(({ stage }) => stage === 'mail-from')).toBe(true)
})

test('each step is told when it ends', async () => {
  const told: Step[] = []
  expect(await examine(GOOD, { ...OPTIONS, onStep: (step) => told.push(step) })).toEqual(told)
})

test('without a selector and an address, what needs them is skipped and says how to give them', async () => {
  const steps = await examine(GOOD, {})
  expect(verdicts(steps)).toEqual(['pass', 'pass', 'pass', 'skip', 'skip', 'pass', 'skip'])
  expect(steps[3]!.detail).toContain('--ip')
  expect(steps[4]!.detail).toContain('--selector')
  expect(steps[6]!.detail).toContain('--ip')
})

test('a domain that does not exist ends the examination', async () => {
  const steps = await examine(GOOD, OPTIONS, 'exmaple.org')
  expect(verdicts(steps)).toEqual(['fail', 'skip', 'skip', 'skip', 'skip', 'skip', 'skip'])
  expect(steps[0]!.detail).toContain('exmaple.org does not exist')
})

test('an address in a domain with other letters is read as the domain', async () => {
  const [step] = await examine({ 'xn--bcher-kva.example A': ['192.0.2.1'] }, {}, 'ann@Bücher.example.')
  expect(step).toMatchObject({ detail: expect.stringContaining('xn--bcher-kva.example'), verdict: 'pass' })
})

test('a record cannot write to the terminal, nor fill it', async () => {
  const steps = await examine({
    ...GOOD,
    'example.com TXT': [`v=spf1 \u001b[31m ${'x'.repeat(9_000)}`, 'v=spf1 \u001b[2J'],
  })
  const { detail } = steps[2]!
  expect(detail).not.toContain('\u001b')
  expect(detail.length).toBeLessThan(2_100)
})
