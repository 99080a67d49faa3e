import {
  breaker,
  dedupe,
  failover,
  formatTranscript,
  limit,
  Mailer,
  redirect,
  retry,
  tee,
  type MailEvent,
  type Transport,
} from '@loudmail/core'
import { startServer, type ServerScript, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { record } from '../src/index.ts'

const REAL = 'dev@corp.example'
const QA = 'qa@test.example'
const order = {
  from: 'shop@corp.example',
  to: [REAL, 'bob@rcpt.example'],
  subject: 'Your order',
  text: 'Thank you.',
  idempotencyKey: 'order-4711',
}

type Wrapper = (transport: Transport) => Transport
const wrapped = (transport: Transport, wrappers: readonly Wrapper[]): Transport =>
  wrappers.reduce((inner, wrapper) => wrapper(inner), transport)
const client = ({ port }: SmtpServer): Transport => smtp({ host: '127.0.0.1', port, tls: 'none' })

/** Around each server, the inner ones first. */
const ofOne: readonly Wrapper[] = [
  (transport) => limit(transport, { concurrent: 10, messages: 1_000 }),
  (transport) => breaker(transport),
]
const ofSeveral = (...transports: readonly Transport[]): Transport => failover(...transports)
/** Around them all, the inner ones first: the order of docs/staying-up.md. */
const ofAll = (copy: Transport): readonly Wrapper[] => [
  (transport) => retry(transport, { delayMs: 1 }),
  (transport) => tee(transport, copy),
  (transport) => redirect(transport, { to: QA, allow: ['corp.example'] }),
  (transport) => record(transport),
  (transport) => dedupe(transport),
]

let servers: SmtpServer[] = []
beforeEach(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => {}))
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(servers.map((server) => server.close()))
  servers = []
})

async function start(script: ServerScript): Promise<SmtpServer> {
  const server = await startServer(script)
  servers.push(server)
  return server
}

describe('all wrappers, over real sockets', () => {
  const setUp = async (primary: ServerScript, secondary: ServerScript, archive: ServerScript = {}) => {
    const [first, second, third] = await Promise.all([start(primary), start(secondary), start(archive)])
    const copy = redirect(client(third), { to: 'archive@corp.example' })
    const sends = ofSeveral(...[first, second].map((server) => wrapped(client(server), ofOne)))
    const events: MailEvent[] = []
    const observe = (event: MailEvent): void => void (event.error, events.push(event))
    const mailer = new Mailer({ transport: wrapped(sends, ofAll(copy)), observe })
    return { first, second, third, mailer, events }
  }
  const downOnce: ServerScript = { on: { CONNECT: { nthGlobal: ['421 4.3.2 going down', { pass: true }] } } }
  const busyOnce: ServerScript = {
    on: { RCPT: { nthGlobal: ['451 4.7.1 greylisted, try again', { pass: true }] } },
  }

  it('a success keeps its conversation and the attempts before it, and observers hear of them', async () => {
    const { first, second, third, mailer, events } = await setUp(
      { on: { CONNECT: '421 4.3.2 going down' } },
      busyOnce,
    )
    const receipt = await mailer.send(order)
    await mailer.close()
    expect(receipt).toMatchObject({ ok: true, state: 'sent' })
    const codes = receipt.failures.map(({ code }) => code)
    expect(codes).toContain('rcpt-to/greylisted')
    const told = events.filter(({ type }) => type === 'attempt-failed').map(({ error }) => error!.code)
    expect(new Set(told)).toEqual(new Set([...codes, 'greeting/service-unavailable']))
    expect(events.filter(({ type }) => type !== 'attempt-failed').map(({ type }) => type)).toEqual(['sent'])
    const conversation = formatTranscript(receipt.transcript)
    for (const words of ['421 4.3.2 going down', '451 4.7.1', `RCPT TO:<${REAL}>`, `RCPT TO:<${QA}>`])
      expect(conversation).toContain(words)
    expect(conversation).not.toContain('archive@corp.example')

    const inboxes = [first, second, third].map(({ messages }) => messages.map(({ envelope }) => envelope.to))
    expect(inboxes).toEqual([[], [[REAL], [QA]], [['archive@corp.example'], ['archive@corp.example']]])
  })

  it('the same key again is sent to nobody, and gets the outcome', async () => {
    const { first, second, third, mailer } = await setUp(downOnce, {})
    const receipts = await Promise.all([mailer.send(order), mailer.send(order)])
    receipts.push(await mailer.send(order))
    await mailer.close()
    expect(receipts.map(({ ok }) => ok)).toEqual([true, true, true])
    expect(first.messages.length + second.messages.length).toBe(2)
    expect(third.messages).toHaveLength(2)
  })

  it('who was refused can be sent to again, and the others do not get another copy', async () => {
    const refuse: ServerScript = {
      on: { RCPT: { byRcpt: { [QA]: { nthGlobal: ['550 5.1.1 no such user', { pass: true }] } } } },
    }
    const { first, third, mailer } = await setUp(refuse, {})
    await expect(mailer.send(order)).rejects.toMatchObject({
      code: 'rcpt-to/mailbox-unknown',
      delivered: 'some',
      recipients: [
        { address: REAL, status: 'accepted' },
        { address: 'bob@rcpt.example', status: 'rejected' },
      ],
    })
    expect(await mailer.send(order)).toMatchObject({ ok: true })
    await mailer.close()
    expect(first.messages.map(({ envelope }) => envelope.to)).toEqual([[REAL], [QA]])
    expect(third.messages).toHaveLength(2)
  })

  it('what may have been delivered is never sent again', async () => {
    const { first, second, mailer } = await setUp(
      { on: { DOT: { accept: true, then: { close: 'rst' } } } },
      {},
    )
    for (let n = 0; n < 2; n++)
      await expect(mailer.send(order)).rejects.toMatchObject({ delivered: 'unknown', retryable: false })
    await mailer.close()
    // The first server is down after that, so what goes to the address in the option to goes through the second.
    const inboxes = [first, second].map(({ messages }) => messages.map(({ envelope }) => envelope.to))
    expect(inboxes).toEqual([[[REAL]], [[QA]]])
  })

  it('a copy that cannot be kept is an attempt that failed, and the send succeeds', async () => {
    const { mailer, events } = await setUp({}, {}, { on: { MAIL: '550 5.7.1 no' } })
    expect(await mailer.send(order)).toMatchObject({ ok: true, failures: [] })
    await mailer.close()
    expect(events.map(({ type }) => type)).toEqual(['sent', 'attempt-failed', 'attempt-failed'])
    expect(mailer.stats).toMatchObject({ sent: 1, failed: 0, attemptsFailed: 2 })
  })

  it('the name is the expression that made it, and the health has a part for each', async () => {
    const [a, b, c] = await Promise.all([start({}), start({}), start({})])
    const parts = [a, b].map((server) => wrapped(client(server), ofOne))
    const transport = wrapped(ofSeveral(...parts), ofAll(client(c)))
    const inner = parts.map(({ name }) => name).join(', ')
    expect(inner).toContain(`breaker(limit(smtp(127.0.0.1:${b.port})))`)
    expect(transport.name).toBe(
      `dedupe(record(redirect(tee(retry(failover(${inner})), smtp(127.0.0.1:${c.port})))))`,
    )
    expect(transport.health!().state).toBe('up')
    await transport.close!()
  })
})
