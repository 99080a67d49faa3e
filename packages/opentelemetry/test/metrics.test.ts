import { tracingChannel } from 'node:diagnostics_channel'
import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  failover,
  Mailer,
  memory,
  retry,
  type TracedSend,
  type Transport,
  type TransportHealth,
} from '@loudmail/core'
import { nodemailer } from '@loudmail/nodemailer'
import { describe, expect, it, vi } from 'vitest'
import { scene } from './scene.ts'
import { telemetry, type Figure } from './telemetry.ts'

const input = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi' }
const observe = ({ error }: { error?: unknown }): void => void error

const named = (figures: readonly Figure[], name: string): Pick<Figure, 'attributes' | 'value'>[] =>
  figures.filter((figure) => figure.name === name).map(({ attributes, value }) => ({ attributes, value }))

/** The parts of a histogram that do not depend on time. */
const counted = (figures: readonly Figure[], name: string): object[] =>
  named(figures, name).map(({ attributes, value }) => ({
    attributes,
    count: (value as { count: number }).count,
  }))

describe('metrics', () => {
  it('count sends and attempts by how they ended', async () => {
    await using bad = await scene({ on: { MAIL: '451 4.3.0 Later' } })
    await using good = await scene({ on: { RCPT: { byRcpt: { 'no@rcpt.example': '550 5.1.1 No' } } } })
    await using told = telemetry()
    const transport = failover(retry(bad.transport, { attempts: 2, delayMs: 1 }), good.transport)
    const mailer = new Mailer({ transport, observe })
    await mailer.send(input)
    await mailer.send({ ...input, to: 'no@rcpt.example' }, { failure: 'silent' })
    for await (const { receipt } of mailer.sendMany([input, { ...input, to: 'no@rcpt.example' }]))
      void receipt.ok
    const figures = await told.figures()
    const own = { 'mail.transport': transport.name }
    const failed = { ...own, 'mail.state': 'failed', 'error.type': 'rcpt-to/mailbox-unknown' }
    const refused = { ...failed, 'mail.permanence': 'permanent', 'mail.delivered': 'none' }
    expect(named(figures, 'mail.sends')).toEqual([
      { attributes: { ...own, 'mail.state': 'sent' }, value: 2 },
      { attributes: { ...refused, 'mail.silenced': true }, value: 1 },
      { attributes: { ...refused, 'mail.silenced': false }, value: 1 },
    ])
    expect(counted(figures, 'mail.send.duration')).toEqual([
      { attributes: { ...own, 'mail.state': 'sent' }, count: 2 },
      { attributes: failed, count: 2 },
    ])
    const server = { 'server.address': '127.0.0.1' }
    const ofBad = { ...server, 'mail.transport': bad.transport.name, 'server.port': bad.server.port }
    const ofGood = { ...server, 'mail.transport': good.transport.name, 'server.port': good.server.port }
    const attempts = [
      // failover() skips it after that.
      { attributes: { ...ofBad, 'mail.state': 'failed', 'error.type': 'mail-from/server-error' }, value: 2 },
      { attributes: { ...ofGood, 'mail.state': 'sent' }, value: 2 },
      {
        attributes: { ...ofGood, 'mail.state': 'failed', 'error.type': 'rcpt-to/mailbox-unknown' },
        value: 2,
      },
    ]
    expect(named(figures, 'mail.attempts')).toEqual(attempts)
    expect(counted(figures, 'mail.attempt.duration')).toEqual(
      attempts.map(({ attributes, value }) => ({ attributes, count: value })),
    )
  })

  it('are in seconds', async () => {
    await using here = await scene({ on: { DOT: { delay: 300, then: '250 2.0.0 Ok' } } })
    await using told = telemetry()
    await new Mailer({ transport: here.transport }).send(input)
    const figures = await told.figures()
    for (const name of ['mail.send.duration', 'mail.attempt.duration']) {
      const { sum } = named(figures, name)[0]!.value as { sum: number }
      expect(sum).toBeGreaterThan(0.29)
      expect(sum).toBeLessThan(5)
    }
  })

  it('tell the server of a nodemailer transporter', async () => {
    await using here = await scene()
    await using told = telemetry()
    await using mailer = new Mailer({
      transport: nodemailer({ host: '127.0.0.1', port: here.server.port, secure: false }),
    })
    await mailer.send(input)
    expect(named(await told.figures(), 'mail.attempts')).toMatchObject([
      { attributes: { 'server.address': '127.0.0.1', 'server.port': here.server.port } },
    ])
    const [attempt] = told.spans().filter(({ name }) => name === 'mail attempt')
    expect(attempt!.events.map(({ name }) => name)).toEqual([
      'mail.connect',
      'mail.greeting',
      'mail.ehlo',
      'mail.mail-from',
      'mail.rcpt-to',
      'mail.data',
      'mail.body',
    ])
  })
})

const QUEUE = { waiting: 1, scheduled: 2, inFlight: 3, inDoubt: 4, dead: 5, oldestWaitingMs: 6_500 }

/** A transport of a user that tells its health. */
const telling = (health: Partial<TransportHealth>, name = 'mine()'): Transport => ({
  ...memory(),
  name,
  health: () => ({ transport: name, state: 'up', ...health }),
})

it('are those that the dashboard and the alerts read', async () => {
  await using here = await scene({ on: { RCPT: '550 5.1.1 No' } })
  await using told = telemetry()
  const known = telling({ waiting: 3, connections: { opening: 1, busy: 2, idle: 4 }, queue: QUEUE })
  await new Mailer({ transport: known }).send(input)
  await new Mailer({ transport: here.transport, failure: 'silent', observe }).send(input)
  const found: Record<string, { unit: string; attributes: string[] }> = {}
  for (const { name, unit, attributes } of await told.figures())
    found[name] = {
      unit,
      attributes: [...new Set([...(found[name]?.attributes ?? []), ...Object.keys(attributes)])].toSorted(),
    }
  const file = await readFile(new URL('../../../docs/grafana/metrics.json', import.meta.url), 'utf8')
  const read = JSON.parse(file) as { name: string; unit: string; attributes: string[] }[]
  expect(found).toEqual(
    Object.fromEntries(
      read.map(({ name, unit, attributes }) => [name, { unit, attributes: attributes.toSorted() }]),
    ),
  )
})

describe('gauges', () => {
  it('show health, queue and connections of every transport of every mailer', async () => {
    await using told = telemetry()
    const a = telling({ waiting: 3, connections: { opening: 1, busy: 2, idle: 4 } }, 'a()')
    const b = telling({ state: 'down', waiting: 0 }, 'b()')
    const both = failover(a, b)
    await new Mailer({ transport: both }).send(input)
    const plain = new Mailer({ transport: memory() })
    await plain.send(input)
    const figures = await told.figures()
    expect(named(figures, 'mail.transport.health')).toEqual([
      { attributes: { 'mail.transport': both.name }, value: 0.5 },
      { attributes: { 'mail.transport': 'a()' }, value: 1 },
      { attributes: { 'mail.transport': 'b()' }, value: 0 },
      { attributes: { 'mail.transport': 'memory()' }, value: 1 },
    ])
    expect(named(figures, 'mail.queue.length')).toEqual([
      { attributes: { 'mail.transport': 'a()' }, value: 3 },
      { attributes: { 'mail.transport': 'b()' }, value: 0 },
    ])
    expect(named(figures, 'mail.connections')).toEqual([
      { attributes: { 'mail.transport': 'a()', 'mail.connection.state': 'opening' }, value: 1 },
      { attributes: { 'mail.transport': 'a()', 'mail.connection.state': 'busy' }, value: 2 },
      { attributes: { 'mail.transport': 'a()', 'mail.connection.state': 'idle' }, value: 4 },
    ])
    expect(plain.stats.sent).toBe(1)
  })

  it('show the pool of smtp()', async () => {
    const answer = Promise.withResolvers<string>()
    await using here = await scene({ on: { DATA: () => answer.promise } }, { pool: { connections: 1 } })
    await using told = telemetry()
    const mailer = new Mailer({ transport: here.transport })
    const sending = Array.from({ length: 5 }, () => mailer.send(input))
    await here.server.waitFor('command', ({ line }) => line === 'DATA')
    const figures = await told.figures()
    const valuesOf = (name: string): unknown[] => named(figures, name).map(({ value }) => value)
    expect(valuesOf('mail.queue.length')).toEqual([4])
    // Opening, busy and idle.
    expect(valuesOf('mail.connections')).toEqual([0, 1, 0])
    expect(valuesOf('mail.transport.health')).toEqual([1])
    answer.resolve('354 Go on')
    await Promise.all(sending)
    await mailer.close()
  })

  it('add up transports with the same name, and show the worst', async () => {
    await using told = telemetry()
    const mailers = [telling({ waiting: 3 }), telling({ waiting: 4, state: 'degraded' })].map(
      (transport) => new Mailer({ transport }),
    )
    // A view is no other mailer.
    for (const mailer of mailers) await mailer.with({ context: {} }).send(input)
    for (const mailer of mailers) await mailer.send(input)
    const figures = await told.figures()
    expect(named(figures, 'mail.queue.length')).toMatchObject([{ value: 7 }])
    expect(named(figures, 'mail.transport.health')).toMatchObject([{ value: 0.5 }])
    expect(mailers.map(({ stats }) => stats.sent)).toEqual([2, 2])
  })

  it('show the messages of an outbox by state, and how old the oldest is, once for all mailers of it', async () => {
    await using told = telemetry()
    const older = { ...QUEUE, dead: 4, oldestWaitingMs: 7_000 }
    for (const queue of [QUEUE, older])
      await new Mailer({ transport: failover(telling({ queue }, 'outbox()'), memory()) }).send(input)
    const figures = await told.figures()
    const own = { 'mail.transport': 'outbox()' }
    expect(named(figures, 'mail.outbox.entries')).toEqual(
      Object.entries({ waiting: 1, scheduled: 2, 'in-flight': 3, 'in-doubt': 4, dead: 5 }).map(
        ([state, value]) => ({ attributes: { ...own, 'mail.outbox.state': state }, value }),
      ),
    )
    expect(named(figures, 'mail.outbox.oldest_waiting')).toEqual([{ attributes: own, value: 7 }])
  })

  it('do not count twice what a mailer knows of its transport', async () => {
    await using told = telemetry()
    const known = { transport: 'mine()', waiting: 3, connections: { opening: 0, busy: 2, idle: 1 } }
    const parts = [{ ...known, state: 'up' } as const]
    await new Mailer({ transport: telling({ ...known, state: 'down', parts }) }).send(input)
    const figures = await told.figures()
    expect(named(figures, 'mail.queue.length')).toMatchObject([{ value: 3 }])
    expect(named(figures, 'mail.connections').map(({ value }) => value)).toEqual([0, 2, 1])
    expect(named(figures, 'mail.transport.health')).toMatchObject([{ value: 0 }])
  })

  it('do not keep a mailer alive', async () => {
    await using told = telemetry()
    const references: WeakRef<object>[] = []
    const { start } = tracingChannel<unknown, TracedSend>('loudmail:send')
    const hear = ({ mailer }: TracedSend): void => void references.push(new WeakRef(mailer))
    start.subscribe(hear as never)
    await new Mailer({ transport: memory() }).send(input)
    start.unsubscribe(hear as never)
    expect(named(await told.figures(), 'mail.transport.health')).toHaveLength(1)
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    await vi.waitFor(() => {
      collect()
      expect(references.map((reference) => reference.deref())).toEqual([undefined])
    })
    await told.figures()
  })
})
