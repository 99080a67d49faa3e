import type { MailError } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { expectWelcome, WELCOME } from './welcome/expect-welcome.ts'
import { plain } from './welcome/plain.ts'
import { openPostOffice } from './welcome/post-office.ts'
import { lineWith, type FailingCase } from './welcome/welcome-case.ts'

describe.each([plain])('the welcome mail with $engine', ({ welcome, broken }) => {
  it('arrives signed, with its CSS inlined, its text, its logo and a link to unsubscribe', async () => {
    await using office = await openPostOffice()
    expectWelcome(await office.deliver(welcome(WELCOME)))
  })

  it('is the same when it is sent once more', async () => {
    await using office = await openPostOffice()
    const first = await office.deliver(welcome(WELCOME))
    const second = await office.deliver(welcome(WELCOME))
    expectWelcome(second)
    expect(second.text).toBe(first.text)
  })

  it.each<[string, FailingCase]>([['that is broken', broken]])(
    '%s fails with its place, before there is a connection',
    async (_, { template, file, at, says }) => {
      await using office = await openPostOffice()
      const error = await office.send(template({ ...WELCOME, name: undefined! })).then(
        () => undefined,
        (thrown: MailError) => thrown,
      )
      expect(error).toMatchObject({ code: 'compose/template', delivered: 'none', location: { file } })
      expect(error!.message).toMatch(says)
      expect(error!.location!.line).toBe(at === undefined ? undefined : lineWith(file, at))
      if (at !== undefined) expect(error!.location!.excerpt).toContain(at)
      expect(office.server.connections).toEqual([])
    },
  )
})
