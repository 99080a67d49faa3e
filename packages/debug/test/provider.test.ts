import { Mailer, MailError, type FailureCode } from '@loudmail/core'
import { providerAnswers, type ProviderName } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { debug } from '../src/index.ts'

const NAMES = Object.keys(providerAnswers) as ProviderName[]
const MESSAGE = {
  from: 'Ann <ann@sender.example>',
  to: ['bob@example.com', 'carol@example.com'],
  subject: 'Hello',
  text: 'Hi',
}

describe.each(NAMES)('debug({ provider: %s })', (provider) => {
  it('captures a message that the transport of the provider sent, with the conversation', async () => {
    const transport = debug({ provider })
    await using mailer = new Mailer({ transport })
    expect(await mailer.send(MESSAGE)).toMatchObject({ state: 'captured', transport: 'debug()' })
    const { mails } = await transport.store.list({})
    expect(mails).toHaveLength(1)
    const mail = await transport.store.get(mails[0]!.id)
    expect(mail).toMatchObject({ subject: 'Hello', state: 'captured', to: MESSAGE.to })
    const said = mail!.transcript!.entries.map(({ text }) => text)
    expect(said[0]).toMatch(/^POST \//)
    expect(said.some((line) => /^20\d /.test(line))).toBe(true)
    expect(JSON.stringify(mail)).not.toContain('rehearsals')
  })

  const known = new Set(
    providerAnswers[provider].failures
      .filter(({ batch }) => !batch)
      .map(({ expect: { kind } }): FailureCode => `submit/${kind}`),
  )
  it.each([
    ...known,
    'connect/connection-refused',
    'submit/connection-lost',
    'submit/timeout',
  ] as FailureCode[])('rehearses %s', async (rehearse) => {
    const transport = debug({ provider, rehearse })
    await using mailer = new Mailer({ transport })
    const error: unknown = await mailer.send(MESSAGE).catch((thrown: unknown) => thrown)
    if (!MailError.is(error)) throw new Error(`it was sent, or threw ${String(error)}`)
    expect(error.code).toBe(rehearse)
    expect(error.recipients.map(({ address }) => address)).toEqual(MESSAGE.to)
    const { mails } = await transport.store.list({})
    expect(mails[0]).toMatchObject({ state: 'failed' })
  })

  it('fails as an address asks', async () => {
    await using mailer = new Mailer({ transport: debug({ provider }), failure: 'silent' })
    const { error } = await mailer.send({ ...MESSAGE, to: 'fail+submit.rate-limited@example.test' })
    expect(error?.code).toBe('submit/rate-limited')
  })
})

it('names in an answer are those of the message', async () => {
  await using mailer = new Mailer({
    transport: debug({ provider: 'postmark', rehearse: 'submit/suppressed' }),
    failure: 'silent',
  })
  for (const to of [MESSAGE.to, ['"bob \\"the cup\\""@example.com', 'carol@example.com']]) {
    const { error } = await mailer.send({ ...MESSAGE, to })
    expect(error?.code).toBe('submit/suppressed')
    expect(error?.recipients.map(({ status }) => status)).toContain('rejected')
  }
  const { error } = await mailer.send(MESSAGE)
  expect(error?.recipients[0]).toMatchObject({ address: 'bob@example.com', kind: 'suppressed' })
})

it.each([
  ['a provider that does not exist', { provider: 'mailjet' as never }, /must be one of resend, postmark/],
  ['TLS', { provider: 'resend' as const, tls: 'implicit' as const }, /is for SMTP/],
  [
    'a failure of SMTP',
    { provider: 'resend' as const, rehearse: 'rcpt-to/mailbox-full' as const },
    /It can rehearse connect\/…, submit\/…/,
  ],
])('refuses %s', (_what, options, words) => {
  expect(() => debug(options)).toThrow(words)
})
