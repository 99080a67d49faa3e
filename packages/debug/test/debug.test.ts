import { failover, Mailer, MailError, memory, transportFromUrl, type Transport } from '@loudmail/core'
import { transportContract } from '@loudmail/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { debug, memoryStore, record, schemes } from '../src/index.ts'

const hello = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi\n.dot\n' }

afterEach(() => vi.unstubAllEnvs())

describe('debug()', () => {
  const create = () => {
    const transport = debug()
    return {
      transport,
      arrived: () => transport.store.mails.filter(({ error }) => !error).map(({ envelope }) => envelope),
    }
  }
  for (const { title, run } of transportContract({ create, converses: true, composes: true })) it(title, run)

  it('keeps the message as it went over the wire, with the conversation that carried it', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport })
    const receipt = await mailer.send(hello)
    expect(receipt).toMatchObject({ ok: true, state: 'captured', transport: 'debug()' })
    const [mail] = transport.store.mails
    expect(mail).toMatchObject({
      id: 1,
      messageId: receipt.messageId,
      envelope: { to: ['bob@rcpt.example'] },
    })
    expect(Buffer.from(mail!.content!).toString()).toMatch(
      /^Date: [^]*\r\nFrom: ann@sender\.example\r\n[^]*\r\n\r\nHi\r\n\.dot\r\n$/,
    )
    expect(mail!.transcript!.entries.map(({ text }) => text).join('\n')).toMatch(
      /^connected to [^]*220 [^]*EHLO[^]*RCPT TO:<bob@rcpt\.example>[^]*octets[^]*250/,
    )
    expect(receipt.transcript).toEqual(mail!.transcript)
  })

  it('keeps failed sends in the same list, with their diagnosis', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport, failure: 'silent', observe: (event) => void event.error })
    await mailer.send({ ...hello, attachments: [{ path: '/does/not/exist' }] })
    expect(transport.store.mails[0]).toMatchObject({
      error: { code: 'compose/attachment' },
    })
  })

  it('refuses to swallow mail in production, unless told so by name', () => {
    vi.stubEnv('NODE_ENV', 'production')
    expect(() => debug()).toThrow(/captureInProduction/)
    expect(() => transportFromUrl('debug:', schemes)).toThrow(/production/)
    expect(debug({ captureInProduction: true }).name).toBe('debug()')
  })

  it('is made from a URL', () => expect(transportFromUrl('debug:', schemes).name).toBe('debug()'))
})

describe('memoryStore()', () => {
  it('is bounded by count and by octets', () => {
    const envelope = { from: '', to: [], smtputf8: false }
    const few = memoryStore({ limit: 2 })
    for (let n = 0; n < 5; n++) few.add({ envelope })
    expect(few.mails.map(({ id }) => id)).toEqual([4, 5])
    const small = memoryStore({ maxBytes: 10 })
    for (let n = 0; n < 5; n++) small.add({ envelope, content: new Uint8Array(4) })
    expect(small.mails.map(({ id }) => id)).toEqual([4, 5])
    small.clear()
    expect(small.mails).toEqual([])
  })
})

describe('record()', () => {
  const create = () => {
    const inner = debug()
    return {
      transport: record(inner),
      arrived: () => inner.store.mails.filter(({ error }) => !error).map(({ envelope }) => envelope),
    }
  }
  for (const { title, run } of transportContract({ create, converses: true, composes: true })) it(title, run)

  it('puts the conversation of every try into the receipt, through wrappers', async () => {
    const failing: Transport = {
      name: 'failing()',
      async send(_message, context) {
        const transcript = {
          entries: [{ from: 'event', text: 'refused', atMs: 0, connection: 'x', sequence: 0 }],
        } as const
        context?.trace?.add(transcript)
        throw new MailError({ stage: 'connect', kind: 'connection-refused', transcript })
      },
    }
    const store = memoryStore()
    await using mailer = new Mailer({
      transport: record(failover(failing, debug()), { store }),
      observe: (event) => void event.error,
    })
    const receipt = await mailer.send(hello)
    const lines = receipt.transcript!.entries.map(({ text }) => text)
    expect(lines[0]).toBe('refused')
    expect(lines.some((line) => line.startsWith('MAIL FROM'))).toBe(true)
    expect(store.mails[0]!.transcript).toEqual(receipt.transcript)
  })

  it('keeps failures in its store, and lets them through', async () => {
    const store = memoryStore()
    const transport = record(memory(), { store })
    await transport.close!()
    await expect(new Mailer({ transport }).send(hello)).rejects.toMatchObject({ code: 'queue/pool-closed' })
    expect(store.mails[0]!.error?.code).toBe('queue/pool-closed')
  })
})
