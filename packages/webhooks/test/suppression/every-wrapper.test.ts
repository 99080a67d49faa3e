import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  breaker,
  dedupe,
  failover,
  limit,
  Mailer,
  memory,
  redirect,
  retry,
  roundRobin,
  tee,
  type MailEvent,
  type Transport,
} from '@loudmail/core'
import type { ComposedMessage } from '@loudmail/core/transport'
import { startServer, type ServerScript, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { suppress, type SuppressionStore } from '../../src/index.ts'
import {
  ANN,
  bounced,
  BOB,
  CAROL,
  DAVE,
  envelopes,
  failureOf,
  greylisted,
  listOf,
  lost,
  refuses,
  scripted,
  statuses,
  toThree,
} from './setup.ts'

const order = {
  from: ANN,
  to: [BOB, CAROL, DAVE],
  subject: 'Your order',
  text: 'Thank you.',
  idempotencyKey: 'order-1',
}

async function start(script: ServerScript = {}): Promise<SmtpServer> {
  const server = await startServer(script)
  onTestFinished(() => server.close())
  return server
}

const accepted = ({ messages }: SmtpServer): (readonly string[])[] =>
  messages.map(({ envelope }) => envelope.to)
const announcing = (transport: Transport): Transport => ({
  ...transport,
  announcesTransmission: true,
  async send(message, context) {
    await context?.beforeTransmission?.()
    return transport.send(message, context)
  },
})

type Around = (transport: Transport, store: SuppressionStore) => Transport
const wrappers: [name: string, make: Around][] = [
  ['retry() inside', (inner, store) => suppress(retry(inner, { delayMs: 1 }), store)],
  ['retry() around it', (inner, store) => retry(suppress(inner, store), { delayMs: 1 })],
  ['failover() inside', (inner, store) => suppress(failover(inner, memory()), store)],
  ['failover() around it', (inner, store) => failover(suppress(inner, store), memory())],
  ['roundRobin() around it', (inner, store) => roundRobin(suppress(inner, store), suppress(memory(), store))],
  ['limit() inside', (inner, store) => suppress(limit(inner, { concurrent: 1 }), store)],
  ['limit() around it', (inner, store) => limit(suppress(inner, store), { messages: 1, intervalMs: 20 })],
  [
    'limit() by domain around it',
    (inner, store) => limit(suppress(inner, store), { messages: 9, intervalMs: 1_000, by: 'domain' }),
  ],
  ['breaker() inside', (inner, store) => suppress(breaker(inner), store)],
  ['breaker() around it', (inner, store) => breaker(suppress(inner, store))],
  ['dedupe() inside', (inner, store) => suppress(dedupe(inner), store)],
  ['dedupe() around it', (inner, store) => dedupe(suppress(inner, store))],
  ['tee() inside', (inner, store) => suppress(tee(inner, memory()), store)],
  ['tee() around it', (inner, store) => tee(suppress(inner, store), memory())],
  ['suppress() around it', (inner, store) => suppress(suppress(inner, store), store)],
  [
    'all of them',
    (inner, store) =>
      dedupe(suppress(retry(failover(breaker(limit(inner, { concurrent: 9 })), memory())), store)),
  ],
]

describe.each(wrappers)('with %s', (_name, make) => {
  it('who is on the list gets nothing, the others get one message over a real socket, and the failure says so', async () => {
    const server = await start()
    const transport = make(smtp(server.url), await listOf(bounced))
    const error = await failureOf(transport.send(toThree({ idempotencyKey: 'order-1' })))
    await transport.close!()
    expect(accepted(server)).toEqual([[CAROL, DAVE]])
    expect(error).toMatchObject({
      code: 'rcpt-to/suppressed',
      delivered: 'some',
      permanence: 'permanent',
      retryable: false,
    })
    expect(statuses(error)).toEqual({ [BOB]: 'rejected suppressed', [CAROL]: 'accepted', [DAVE]: 'accepted' })
    expect(error.summary).toContain(`${BOB}, because mail to it bounced for good on 2026-11-20`)
  })

  it('announces a transmission before anything is sent, if there is one', async () => {
    const inner = scripted()
    const transport = make(announcing(inner), await listOf(bounced))
    const tried: number[] = []
    const beforeTransmission = async (): Promise<void> => void tried.push(inner.tries.length)
    await failureOf(transport.send(toThree(), { beforeTransmission }))
    expect([...tried, inner.tries.length]).toEqual([0, 1])
    await failureOf(transport.send(toThree({ to: BOB }), { beforeTransmission }))
    expect(inner.tries).toHaveLength(1)
  })
})

it('announces transmissions, verifies envelopes, honours keys and keeps unbuilt messages as its transport does', async () => {
  const store = await listOf()
  const notBuilt = vi.fn<NonNullable<Transport['notBuilt']>>(async () => {})
  const close = vi.fn<() => Promise<void>>(async () => {})
  const inner: Transport = {
    ...memory(),
    announcesTransmission: true,
    honoursIdempotencyKey: true,
    notBuilt,
    close,
  }
  const transport = suppress(inner, store)
  expect(transport).toMatchObject({
    announcesTransmission: true,
    verifiesEnvelope: true,
    honoursIdempotencyKey: true,
  })
  expect(suppress(scripted(), store)).toMatchObject({
    announcesTransmission: false,
    verifiesEnvelope: false,
    honoursIdempotencyKey: false,
  })
  await expect(new Mailer({ transport }).send({ to: 'bob' })).rejects.toThrow('compose')
  expect(notBuilt).toHaveBeenCalledTimes(1)
  await Promise.all([transport.close!(), transport.close!()])
  expect(close).toHaveBeenCalledTimes(1)
  // The list may belong to others as well.
  expect(await store.find([BOB])).toEqual([])
})

describe('retry() around it', () => {
  it('tries only who was refused for now, and nobody twice', async () => {
    const inner = scripted(refuses({ address: CAROL, status: 'accepted' }, greylisted(DAVE)))
    const error = await failureOf(
      retry(suppress(inner, await listOf(bounced)), { delayMs: 1 }).send(toThree()),
    )
    expect(envelopes(inner)).toEqual([[CAROL, DAVE], [DAVE]])
    expect(statuses(error)).toEqual({ [BOB]: 'rejected suppressed', [CAROL]: 'accepted', [DAVE]: 'accepted' })
  })

  it('uses the key of the message again only for those who may have it', async () => {
    const inner = scripted(
      refuses({ address: CAROL, status: 'unknown' }, { address: DAVE, status: 'unknown' }),
    )
    const transport = suppress({ ...inner, honoursIdempotencyKey: true }, await listOf(bounced))
    await failureOf(retry(transport, { delayMs: 1 }).send(toThree({ idempotencyKey: 'order-1' })))
    expect(envelopes(inner)).toEqual([
      [CAROL, DAVE],
      [CAROL, DAVE],
    ])
    expect(inner.tries.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['order-1', 'order-1'])
  })

  it('does not try again with who came onto the list meanwhile', async () => {
    const store = await listOf(bounced)
    const inner = scripted(lost)
    const transport: Transport = {
      ...inner,
      async send(message, context) {
        await store.add({ ...bounced, address: CAROL, reason: 'complained' })
        return inner.send(message, context)
      },
    }
    const error = await failureOf(retry(suppress(transport, store), { delayMs: 1 }).send(toThree()))
    expect(envelopes(inner)).toEqual([[CAROL, DAVE], [DAVE]])
    expect(statuses(error)).toEqual({
      [BOB]: 'rejected suppressed',
      [CAROL]: 'rejected suppressed',
      [DAVE]: 'accepted',
    })
  })
})

it('failover() around it does not send to the next way what the list refused', async () => {
  const [first, second] = [scripted(lost), scripted()]
  const error = await failureOf(failover(suppress(first, await listOf(bounced)), second).send(toThree()))
  expect([envelopes(first), envelopes(second)]).toEqual([[[CAROL, DAVE]], [[CAROL, DAVE]]])
  expect(statuses(error)).toMatchObject({ [BOB]: 'rejected suppressed', [CAROL]: 'accepted' })
})

it('breaker() around it stays closed, however many recipients are on the list', async () => {
  const transport = breaker(suppress(memory(), await listOf(bounced)), { minimum: 2, failureRate: 0.1 })
  for (let n = 0; n < 20; n++)
    expect(await failureOf(transport.send(toThree({ to: BOB })))).toMatchObject({
      code: 'rcpt-to/suppressed',
    })
  expect(transport.health!().breaker).toBe('closed')
})

it('dedupe() around it sends to who was taken off the list, and to nobody else again', async () => {
  const store = await listOf(bounced)
  const server = await start()
  const events: MailEvent[] = []
  const mailer = new Mailer({
    transport: dedupe(suppress(smtp(server.url), store)),
    observe: (event) => void (event.error, events.push(event)),
  })
  await expect(mailer.send(order)).rejects.toMatchObject({ code: 'rcpt-to/suppressed', delivered: 'some' })
  await store.remove(BOB)
  expect(await mailer.send(order)).toMatchObject({ ok: true })
  await mailer.close()
  expect(accepted(server)).toEqual([[CAROL, DAVE], [BOB]])
  expect(mailer.stats).toMatchObject({ sent: 1, failed: 1 })
})

it('redirect() inside it: the list is about the recipients, not about where the mail of a test goes', async () => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => void vi.restoreAllMocks())
  const inner = scripted()
  await failureOf(suppress(redirect(inner, { to: 'qa@test.example' }), await listOf(bounced)).send(toThree()))
  expect(envelopes(inner)).toEqual([['qa@test.example']])
  const { headers } = inner.tries[0] as ComposedMessage
  expect(headers.map(([, value]) => value)).toEqual([CAROL, DAVE])
})

it('a refusal by the server keeps its reply and its conversation beside the list', async () => {
  const server = await start({ on: { RCPT: { byRcpt: { [DAVE]: '550 5.1.1 No such user' } } } })
  const transport = suppress(smtp(server.url), await listOf(bounced))
  const error = await failureOf(transport.send(toThree()))
  await transport.close!()
  expect(accepted(server)).toEqual([[CAROL]])
  expect(error).toMatchObject({ code: 'rcpt-to/mailbox-unknown', delivered: 'some', reply: { code: 550 } })
  expect(error.transcript!.entries.map(({ text }) => text).join('\n')).toContain('No such user')
  expect(error.transcript!.entries.map(({ text }) => text).join('\n')).not.toContain(BOB)
})

it('a connection that ends after the content is in doubt for the others, and certain for who is on the list', async () => {
  const server = await start({ on: { DOT: { accept: true, then: { close: 'rst' } } } })
  const transport = retry(suppress(smtp(server.url), await listOf(bounced)), { delayMs: 1 })
  const error = await failureOf(transport.send(toThree()))
  await transport.close!()
  expect(accepted(server)).toEqual([[CAROL, DAVE]])
  expect(error).toMatchObject({ delivered: 'unknown', retryable: false })
  expect(statuses(error)).toEqual({ [BOB]: 'rejected suppressed', [CAROL]: 'unknown', [DAVE]: 'unknown' })
})

it('fifty thousand recipients, half of them on the list', async () => {
  const to = Array.from({ length: 50_000 }, (_, n) => `user${n}@rcpt.example`)
  const listed = to.filter((_, n) => n % 2 === 0)
  const inner = scripted()
  const error = await failureOf(
    suppress(inner, await listOf(...listed.map((address) => ({ ...bounced, address })))).send(
      toThree({ to }),
    ),
  )
  expect(inner.tries[0]!.envelope.to).toHaveLength(25_000)
  expect(error.recipients.filter(({ status }) => status === 'accepted')).toHaveLength(25_000)
  expect(error.message.length).toBeLessThan(2_500)
})
