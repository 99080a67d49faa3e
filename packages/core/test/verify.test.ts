import { describe, expect, it } from 'vitest'
import {
  failover,
  Mailer,
  MailError,
  memory,
  retry,
  type Transport,
  type VerifyContext,
} from '../src/index.ts'

/** A transport that can ask, and keeps what it was asked. */
function asking(): Transport & { readonly asked: VerifyContext['envelope'][] } {
  const asked: VerifyContext['envelope'][] = []
  return {
    ...memory(),
    asked,
    verifiesEnvelope: true,
    verify: async (context) => void asked.push(context?.envelope),
  }
}

describe('verify({ to })', () => {
  it('asks for the recipients, with the sender of the defaults', async () => {
    const transport = asking()
    const defaults = { from: 'Tea Shop <tea@example.com>' }
    const mailer = new Mailer({ transport: retry(transport), defaults })
    await mailer.verify()
    await mailer.verify({ to: 'Bob <bob@example.com>, bob@EXAMPLE.com, carol@example.com' })
    await mailer.verify({ to: ['bob@example.com'], from: 'Ann <ann@example.com>' })
    await mailer.verify({ to: 'dave@example.com', from: 'zoë@example.com' })
    expect(transport.asked).toEqual([
      undefined,
      { from: 'tea@example.com', to: ['bob@example.com', 'carol@example.com'], smtputf8: false },
      { from: 'ann@example.com', to: ['bob@example.com'], smtputf8: false },
      { from: 'zoë@example.com', to: ['dave@example.com'], smtputf8: true },
    ])
  })

  it.each([
    [{ sender: 'desk@example.com', from: 'tea@example.com' }, 'desk@example.com'],
    [{ envelope: { from: '' }, from: 'tea@example.com' }, ''],
    [{ envelope: { from: 'bounces@example.com' } }, 'bounces@example.com'],
  ])('has the sender that a send would have: %o', async (defaults, from) => {
    const transport = asking()
    await new Mailer({ transport, defaults }).verify({ to: 'bob@example.com' })
    expect(transport.asked[0]?.from).toBe(from)
  })

  const bare = new Mailer({ transport: asking() })

  it.each<[unknown, string, string]>([
    [{ to: 'bob@example.com' }, 'config/invalid-config', 'set from'],
    [{ to: 'bob', from: 'ann@example.com' }, 'compose/invalid-address', ''],
    [{ to: [], from: 'ann@example.com' }, 'compose/no-recipients', 'no address in to'],
    [{ to: '', from: 'ann@example.com' }, 'compose/invalid-address', 'to'],
    [{ recipients: 'bob@example.com' }, 'config/invalid-config', 'recipients'],
    [{ from: 'ann@example.com' }, 'config/invalid-config', 'needs to'],
    [{ signal: 'stop' }, 'config/invalid-config', 'AbortSignal'],
    [null, 'config/invalid-config', 'options'],
  ])('refuses %o', async (options, code, words) => {
    const error: unknown = await bare.verify(options as never).catch((thrown: unknown) => thrown)
    expect(MailError.is(error) && [error.code, error.summary.includes(words)]).toEqual([code, true])
  })

  it('does not pretend: a transport that cannot ask fails, also as one of several', async () => {
    const blind: Transport = {
      name: 'blind()',
      send: async () => ({ transport: 'blind()', state: 'sent', failures: [] }),
      verify: async () => {},
    }
    for (const transport of [blind, retry(blind), failover(asking(), blind)]) {
      const mailer = new Mailer({ transport, defaults: { from: 'tea@example.com' } })
      await mailer.verify()
      await expect(mailer.verify({ to: 'bob@example.com' })).rejects.toMatchObject({
        code: 'config/invalid-config',
        summary: expect.stringContaining(`${transport.name} cannot ask`),
      })
      expect(mailer.health().state).toBe('up')
    }
  })

  it('works with transports that accept every recipient', async () => {
    const mailer = new Mailer({ transport: memory(), defaults: { from: 'tea@example.com' } })
    await mailer.verify({ to: 'bob@example.com' })
  })

  it('ends when its signal says so', async () => {
    const waiting: Transport = {
      ...memory(),
      verify: (context) =>
        new Promise((_resolve, reject) => {
          context!.signal!.addEventListener('abort', () =>
            reject(new MailError({ stage: 'connect', kind: 'aborted' })),
          )
        }),
    }
    const controller = new AbortController()
    const verified = new Mailer({ transport: waiting }).verify({ signal: controller.signal })
    controller.abort()
    await expect(verified).rejects.toMatchObject({
      code: 'connect/aborted',
      summary: 'the caller aborted the check',
      hint: expect.stringContaining('Check again') as string,
    })
  })
})
