import type { MailError } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { expectOneClick, expectWelcome, NAME } from './welcome/expect-welcome.ts'
import { mjmlCases } from './welcome/mjml.ts'
import { plain } from './welcome/plain.ts'
import { openPostOffice } from './welcome/post-office.ts'
import { reactEmailCase } from './welcome/react-email.tsx'
import { etaCase, handlebarsCase } from './welcome/text-engines.ts'
import { lineWith, type WelcomeCase, type WelcomeData } from './welcome/welcome-case.ts'

const CASES = [plain, handlebarsCase, etaCase, ...mjmlCases, reactEmailCase]

describe.each(CASES)('the welcome mail with $engine', (made) => {
  it('arrives with its CSS inlined, its text and its logo, signed, and unsubscribes with one click', async () => {
    await using office = await openPostOffice()
    const data = { name: NAME, unsubscribeUrl: office.unsubscribeUrl }
    const mail = await office.deliver(made.welcome(data))
    expectWelcome(mail, data)
    await expectOneClick(mail, office)
  })

  it('is the same when it is sent once more', async () => {
    await using office = await openPostOffice()
    const data = { name: NAME, unsubscribeUrl: office.unsubscribeUrl }
    const first = await office.deliver(made.welcome(data))
    const second = await office.deliver(made.welcome(data))
    expectWelcome(second, data)
    expect(second.text).toBe(first.text)
  })

  it.each<[string, keyof WelcomeCase & `${'broken' | 'missing'}${string}`]>([
    ['that is broken', 'broken'],
    ['without a variable that it shows', 'missingVariable'],
    ['without an image that it shows', 'missingImage'],
  ])('%s fails with its place, before there is a connection', async (_, which) => {
    const { template, file, at, says } = made[which]
    await using office = await openPostOffice()
    const { unsubscribeUrl } = office
    const data = which === 'missingVariable' ? { unsubscribeUrl } : { name: NAME, unsubscribeUrl }
    const error = await office.send(template(data as WelcomeData)).then(
      () => expect.fail('it was sent'),
      (thrown: MailError) => thrown,
    )
    expect(error).toMatchObject({ code: 'compose/template', delivered: 'none', location: { file } })
    expect(error.message).toMatch(says)
    expect(error.location!.line).toBe(lineWith(file, at))
    expect(error.location!.excerpt).toContain(at)
    expect(office.server.connections).toEqual([])
  })
})
