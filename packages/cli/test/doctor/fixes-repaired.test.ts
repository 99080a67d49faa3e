import { MailError } from '@loudmail/core'
import { expect, describe, it } from 'vitest'
import type { Fix, Step } from '../../src/doctor/report.ts'
import {
  auth,
  AUTH_CAPS,
  expectToWork,
  fixesFor,
  IMPLICIT,
  logIns,
  optionsFor,
  start,
  users,
} from './fix-scene.ts'

const repaired: Fix = {
  change: 'Encode the # in the password.',
  options: { auth: { user: auth.user, pass: 'PASSWORD' } },
  verified: false,
}
const failure = new MailError({ stage: 'config', kind: 'invalid-config', summary: 'the URL cannot be read' })
const OPEN = { caps: AUTH_CAPS, users, requireAuth: true } as const
const walked = (verdict: Step['verdict']): Step => ({
  stage: 'mail-from',
  name: 'MAIL FROM',
  verdict,
  durationMs: 1,
  detail: '',
})

describe('options that were repaired while they were read', () => {
  it('are proven by a trial if nothing has tried them', async () => {
    await using server = await start(OPEN)
    const { fixes } = await fixesFor(optionsFor(server, { auth }), { failure, target: { repaired } })
    expect(fixes).toEqual([{ ...repaired, verified: true }])
    expect(logIns(server)).toBe(1)
  })

  it.each(['pass', 'fail'] as const)('are proven by a walk that ends with: %s', async (verdict) => {
    await using server = await start(OPEN)
    const asked = { failure, target: { repaired }, steps: [walked(verdict)] }
    const { fixes } = await fixesFor(optionsFor(server, { auth }), asked)
    expect(fixes).toEqual([{ ...repaired, verified: verdict === 'pass' }])
    expect(server.connections).toHaveLength(0)
  })

  it('may need another change as well', async () => {
    await using server = await start(IMPLICIT)
    const options = optionsFor(server, { auth, tls: 'starttls' })
    const { fixes } = await fixesFor(options, { target: { repaired } })
    expect(fixes[0]).toMatchObject({
      change: expect.stringMatching(/^Encode the #.* expects TLS/),
      options: { tls: 'implicit', auth: { pass: 'PASSWORD' } },
    })
    await expectToWork(fixes[0], options)
  })
})
