import { Mailer, type Transcript } from '@loudmail/core'
import type { ServerScript } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { BASIC, failureOf, gist, message, scene } from './scene.ts'

const to = ['bob@rcpt.example', 'carol@rcpt.example']
const defaults = { from: 'ann@sender.example' }

describe.concurrent('verify({ to })', () => {
  it('asks for sender and recipients, and sends nothing', async () => {
    await using here = await scene()
    const mailer = new Mailer({ transport: here.transport, defaults })
    await mailer.verify({ to })
    const { commands, entries } = await here.server.waitFor('close')
    expect(commands).toEqual(['EHLO', 'MAIL', 'RCPT', 'RCPT', 'QUIT'])
    expect(entries.map(({ text }) => text)).toContain('MAIL FROM:<ann@sender.example>')
    expect(entries.map(({ text }) => text)).toContain('RCPT TO:<carol@rcpt.example>')
    expect(here.server.messages).toEqual([])
  })

  it.each<ServerScript['on'] & object>([
    { RCPT: { byRcpt: { 'carol@rcpt.example': '550 5.1.1 No such user' } } },
    { RCPT: '451 4.7.1 Greylisted' },
    { RCPT: { byRcpt: { 'bob@rcpt.example': '550 5.1.1 No' }, default: '452 4.2.2 Full' } },
    { RCPT: '421 4.3.2 Closing' },
    { MAIL: '550 5.7.1 <ann@sender.example>: Sender address rejected: not owned by user' },
    { MAIL: '354 Go on' },
    { RCPT: '354 Go on' },
  ])('fails as a send would: %j', async (on) => {
    await using here = await scene({ on })
    const mailer = new Mailer({ transport: here.transport, defaults })
    const verified = await failureOf(mailer.verify({ to }))
    const sent = await failureOf(here.transport.send(message({ ...defaults, to })))
    // Where others are accepted, a send reaches them. A check reaches nobody.
    const statuses = sent.recipients.map(({ status }) => (status === 'accepted' ? 'not-attempted' : status))
    expect(gist(verified)).toEqual({ ...gist(sent), delivered: 'none', statuses })
    expect(verified).toMatchObject({ scope: sent.scope, reply: sent.reply, transport: sent.transport })
    expect(here.server.messages.flatMap(({ envelope }) => envelope.to)).toEqual(
      sent.recipients.filter(({ status }) => status === 'accepted').map(({ address }) => address),
    )
    expect(verified.messageId).toBeUndefined()
  })

  it('asks every recipient, also after a refusal, and has the conversation', async () => {
    await using here = await scene({ on: { RCPT: '550 5.1.1 No such user' } })
    const mailer = new Mailer({ transport: here.transport, defaults })
    const { code, recipients, transcript } = await failureOf(mailer.verify({ to }))
    expect(code).toBe('rcpt-to/mailbox-unknown')
    expect(recipients).toMatchObject(
      to.map((address) => ({ address, status: 'rejected', reply: { code: 550 } })),
    )
    expect(transcript!.entries.map(({ text }) => text)).toContain('RCPT TO:<carol@rcpt.example>')
  })

  it('needs SMTPUTF8 for an address that is not ASCII', async () => {
    await using old = await scene({ caps: ['SIZE 10485760'] })
    const mailer = new Mailer({ transport: old.transport, defaults })
    expect((await failureOf(mailer.verify({ to: 'zoë@rcpt.example' }))).code).toBe(
      'mail-from/smtputf8-required',
    )
    await using modern = await scene({ caps: [...BASIC], strictAscii: false })
    await new Mailer({ transport: modern.transport, defaults }).verify({ to: 'zoë@rcpt.example' })
    const [connection] = modern.server.connections
    expect(connection!.entries.map(({ text }) => text)).toContain('MAIL FROM:<ann@sender.example> SMTPUTF8')
  })

  it('says what was lost, and ends when it is aborted', async () => {
    await using here = await scene({ on: { RCPT: { close: 'fin' } } })
    const lost = await failureOf(new Mailer({ transport: here.transport, defaults }).verify({ to }))
    expect(lost.code).toBe('rcpt-to/connection-lost')
    await using silent = await scene({ on: { RCPT: { stall: true } } })
    const controller = new AbortController()
    const verified = failureOf(
      new Mailer({ transport: silent.transport, defaults }).verify({ to, signal: controller.signal }),
    )
    await silent.server.waitFor('command', ({ command }) => command === 'RCPT')
    controller.abort()
    expect((await verified).code).toBe('rcpt-to/aborted')
  })

  it('gives its conversation to a trace', async () => {
    await using here = await scene()
    const heard: Transcript[] = []
    const envelope = { from: '', to, smtputf8: false }
    await here.transport.verify!({ envelope, trace: { add: (transcript) => void heard.push(transcript) } })
    expect(heard[0]!.entries.map(({ text }) => text)).toContain('MAIL FROM:<>')
  })

  it('asks in LMTP as well', async () => {
    await using here = await scene({ lmtp: true, on: { RCPT: '550 5.1.1 No such user' } }, { lmtp: true })
    const error = await failureOf(new Mailer({ transport: here.transport, defaults }).verify({ to }))
    expect(error).toMatchObject({ code: 'rcpt-to/mailbox-unknown', reply: { protocol: 'lmtp' } })
  })
})
