import { join } from 'node:path'
import type { MailError } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { curly } from './mjml/curly-engine.ts'
import { expectWelcome, WELCOME } from './welcome/expect-welcome.ts'
import { mjmlWith } from './welcome/mjml.ts'
import { plain } from './welcome/plain.ts'
import { openPostOffice } from './welcome/post-office.ts'
import { reactEmailCase } from './welcome/react-email.tsx'
import { lineWith, type FailingCase, type WelcomeData } from './welcome/welcome-case.ts'

const curlyFolder = join(import.meta.dirname, 'welcome/mjml-curly')
const CASES = [
  plain,
  mjmlWith('a small engine', curly, false, curlyFolder),
  mjmlWith('a small engine', curly, true, curlyFolder),
  reactEmailCase,
]
const { name: _, ...NAMELESS } = WELCOME

describe.each(CASES)(
  'the welcome mail with $engine',
  ({ welcome, broken, missingVariable, missingImage }) => {
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

    it.each<[string, FailingCase]>([
      ['that is broken', broken],
      ['without a variable that it shows', missingVariable],
      ['without an image that it shows', missingImage],
    ])('%s fails with its place, before there is a connection', async (_what, failing) => {
      const { template, file, at, says } = failing
      await using office = await openPostOffice()
      const error = await office
        .send(template(failing === missingVariable ? (NAMELESS as WelcomeData) : WELCOME))
        .then(
          () => undefined,
          (thrown: MailError) => thrown,
        )
      expect(error).toMatchObject({ code: 'compose/template', delivered: 'none', location: { file } })
      expect(error!.message).toMatch(says)
      expect(error!.location!.line).toBe(at === undefined ? undefined : lineWith(file, at))
      if (at !== undefined) expect(error!.location!.excerpt).toContain(at)
      expect(office.server.connections).toEqual([])
    })
  },
)
