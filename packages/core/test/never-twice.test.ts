import { describe, expect, it } from 'vitest'
import {
  failover,
  Mailer,
  MailError,
  retry,
  type Message,
  type MessageInput,
  type RecipientOutcome,
  type Transport,
} from '../src/index.ts'
import { accepted, greylisted, lost, noSuchUser, refuses, scripted, three, unknown } from './scripted.ts'

describe('retry', () => {
  it('tries only the greylisted one of three recipients again, with the same Message-ID', async () => {
    const transport = scripted(
      refuses(accepted('bob@example.com'), greylisted('carol@example.com'), accepted('dave@example.com')),
    )
    const receipt = await new Mailer({
      transport: retry(transport, { delayMs: 1 }),
      observe: (event) => void event.error,
    }).send(three)
    expect(receipt.ok).toBe(true)
    expect(receipt.failures).toHaveLength(1)
    expect(transport.tries.map((message) => message.envelope.to)).toEqual([
      ['bob@example.com', 'carol@example.com', 'dave@example.com'],
      ['carol@example.com'],
    ])
    expect(new Set(transport.tries.map((message) => message.messageId)).size).toBe(1)
    expect(transport.tries[1]).toMatchObject({ to: [{ address: 'bob@example.com' }, {}, {}] })
  })

  it('never tries again a recipient that was accepted, is unknown, or was refused permanently', async () => {
    const transport = scripted(
      refuses(accepted('bob@example.com'), unknown('carol@example.com'), noSuchUser('dave@example.com')),
    )
    const error = await new Mailer({ transport: retry(transport, { delayMs: 1 }) })
      .send(three)
      .catch((thrown: unknown) => thrown)
    expect(transport.tries).toHaveLength(1)
    expect(error).toMatchObject({ delivered: 'unknown', retryable: false })
  })

  it('combines several attempts: each recipient has its last outcome', async () => {
    const transport = scripted(
      refuses(accepted('bob@example.com'), greylisted('carol@example.com'), noSuchUser('dave@example.com')),
      refuses(greylisted('carol@example.com')),
    )
    const error = await new Mailer({
      transport: retry(transport, { delayMs: 1 }),
      observe: (event) => void event.error,
    })
      .send(three)
      .catch((thrown: unknown) => thrown)
    expect(transport.tries.map((message) => message.envelope.to.length)).toEqual([3, 1, 1])
    expect(error).toMatchObject({
      code: 'rcpt-to/mailbox-unknown',
      delivered: 'some',
      permanence: 'permanent',
      retryable: false,
      transport: 'retry(scripted())',
      recipients: [
        { status: 'accepted' },
        { status: 'accepted' },
        { status: 'rejected', kind: 'mailbox-unknown' },
      ],
    })
    expect((error as MailError).failures).toHaveLength(2)
  })

  it('gives up after the last attempt', async () => {
    const transport = scripted(lost, lost, lost, lost)
    const error = await new Mailer({ transport: retry(transport, { attempts: 3, delayMs: 1 }) })
      .send(three)
      .catch((thrown: unknown) => thrown)
    expect(transport.tries).toHaveLength(3)
    expect(error).toMatchObject({
      code: 'connect/connection-refused',
      delivered: 'none',
      retryable: true,
      failures: [{}, {}, {}],
    })
  })

  it('an abort in the pause ends it with the failure so far', async () => {
    const controller = new AbortController()
    const transport = scripted(lost)
    const mailer = new Mailer({
      transport: retry(transport, { delayMs: 60_000 }),
      observe: () => controller.abort(),
    })
    await expect(mailer.send(three, { signal: controller.signal })).rejects.toMatchObject({
      code: 'connect/connection-refused',
    })
    expect(transport.tries).toHaveLength(1)
  })

  it('does not try again after a bare stream was read, but does before', async () => {
    const stream = async function* (): AsyncGenerator<string> {
      yield 'content'
    }
    const read = scripted((message) => {
      if (message.raw === undefined) void message.attachments[0]!.open()[Symbol.asyncIterator]().next()
      return lost(message)
    })
    const withStream = (): MessageInput => ({ ...three, attachments: [{ content: stream() }] })
    await expect(
      new Mailer({ transport: retry(read, { delayMs: 1 }) }).send(withStream()),
    ).rejects.toMatchObject({ retryable: false })
    expect(read.tries).toHaveLength(1)
    const unread = scripted(lost)
    await new Mailer({ transport: retry(unread, { delayMs: 1 }), observe: (event) => void event.error }).send(
      withStream(),
    )
    expect(unread.tries).toHaveLength(2)
  })
})

describe('failover', () => {
  const observe = (event: { error?: MailError | undefined }): void => void event.error

  it('uses the next transport if the first one could not send at all', async () => {
    const backup = scripted()
    const receipt = await new Mailer({ transport: failover(scripted(lost), backup), observe }).send(three)
    expect(receipt.ok).toBe(true)
    expect(backup.tries[0]!.envelope.to).toHaveLength(3)
  })

  const kept: [string, RecipientOutcome[]][] = [
    ['an unknown mailbox', [noSuchUser('bob@example.com')]],
    ['a greylisted recipient', [greylisted('bob@example.com')]],
    ['somebody who may have it', [unknown('bob@example.com')]],
  ]
  for (const [title, outcomes] of kept) {
    it(`does not use the next transport for ${title}`, async () => {
      const backup = scripted()
      const transport = failover(scripted(refuses(...outcomes)), backup)
      await expect(new Mailer({ transport }).send({ ...three, to: 'bob@example.com' })).rejects.toMatchObject(
        { stage: 'rcpt-to' },
      )
      expect(backup.tries).toHaveLength(0)
    })
  }

  it('does not use the next transport for a spam verdict', async () => {
    const backup = scripted()
    const spam = (message: Message): MailError =>
      new MailError({
        stage: 'body',
        kind: 'spam',
        recipients: message.envelope.to.map((address) => ({
          address,
          status: 'rejected',
          permanence: 'permanent',
          kind: 'spam',
        })),
      })
    await expect(
      new Mailer({ transport: failover(scripted(spam), backup) }).send(three),
    ).rejects.toMatchObject({ code: 'body/spam' })
    expect(backup.tries).toHaveLength(0)
  })

  it('decides for each recipient: those not attempted go to the next transport, the refused one stays refused', async () => {
    const first = scripted(
      () =>
        new MailError({
          stage: 'data',
          kind: 'service-unavailable',
          recipients: [
            noSuchUser('bob@example.com'),
            { address: 'carol@example.com', status: 'not-attempted' },
            { address: 'dave@example.com', status: 'not-attempted' },
          ],
        }),
    )
    const backup = scripted()
    const error = await new Mailer({ transport: failover(first, backup), observe })
      .send(three)
      .catch((thrown: unknown) => thrown)
    expect(backup.tries.map((message) => message.envelope.to)).toEqual([
      ['carol@example.com', 'dave@example.com'],
    ])
    expect(error).toMatchObject({
      delivered: 'some',
      recipients: [
        { address: 'bob@example.com', kind: 'mailbox-unknown' },
        { status: 'accepted' },
        { status: 'accepted' },
      ],
    })
  })

  it('works together with retry: no recipient gets two copies', async () => {
    const copies = new Map<string, number>()
    const counting = (inner: Transport): Transport => ({
      ...inner,
      async send(message, context) {
        try {
          const delivery = await inner.send(message, context)
          for (const address of message.envelope.to) copies.set(address, (copies.get(address) ?? 0) + 1)
          return delivery
        } catch (error) {
          for (const { address, status } of (error as MailError).recipients) {
            if (status === 'accepted' || status === 'unknown')
              copies.set(address, (copies.get(address) ?? 0) + 1)
          }
          throw error
        }
      },
    })
    const first = counting(
      scripted(
        refuses(accepted('bob@example.com'), greylisted('carol@example.com'), unknown('dave@example.com')),
        lost,
      ),
    )
    const backup = counting(scripted(lost))
    await new Mailer({ transport: retry(failover(first, backup), { delayMs: 1 }), observe })
      .send(three)
      .catch(() => {})
    expect([...copies.values()].every((count) => count === 1)).toBe(true)
    expect(copies.size).toBe(3)
  })
})
