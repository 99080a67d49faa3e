import { failover, MailError, retry, type Message, type Transport } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { startServer, type ServerScript, type SmtpServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { smtp } from '../src/index.ts'
import { cuttingProxy, type Cut } from './cutting-proxy.ts'

const CAPS = ['PIPELINING', 'CHUNKING', 'SIZE 10485760', 'ENHANCEDSTATUSCODES', '8BITMIME']

const messages = (): Message[] =>
  ['one', 'two', 'three'].map((subject) =>
    toMessage({
      from: 'ann@sender.example',
      to: `${subject}@rcpt.example`,
      subject,
      text: `${subject}\n.\n`,
      date: new Date(0),
      messageId: `${subject}@sender.example`,
    }),
  )

const ways: { title: string; caps: string[]; window: number; script?: ServerScript }[] = [
  { title: 'DATA, window 1', caps: CAPS.filter((cap) => cap !== 'CHUNKING'), window: 1 },
  { title: 'CHUNKING, window 1', caps: CAPS, window: 1 },
  { title: 'CHUNKING, window 4', caps: CAPS, window: 4 },
  { title: 'without PIPELINING', caps: CAPS.slice(2), window: 1 },
  {
    title: 'replies delayed',
    caps: CAPS,
    window: 4,
    script: { on: { DOT: { delay: 3, then: { pass: true } } } },
  },
]

const client = (port: number, window: number): Transport =>
  smtp({ host: '127.0.0.1', port, tls: 'none', timeoutMs: 2_000, pool: { connections: 1, window } })

type Outcome = 'delivered' | 'none' | 'unknown'

async function outcomeOf(sending: Promise<unknown>): Promise<Outcome> {
  try {
    await sending
    return 'delivered'
  } catch (error) {
    if (!MailError.is(error)) throw error
    expect(error.delivered === 'unknown' ? error.permanence : 'unknown').toBe('unknown')
    return error.delivered === 'some' ? 'delivered' : error.delivered
  }
}

/** How often the server took the message for this recipient. */
const copies = (server: SmtpServer, { envelope }: Message): number =>
  server.messages.filter((message) => message.envelope.to.includes(envelope.to[0]!)).length

/** Whether what the sender was told agrees with what the server did. */
function expectNoContradiction(outcome: Outcome, taken: number, where: string): void {
  if (outcome === 'delivered') expect(taken, where).toBe(1)
  else if (outcome === 'none') expect(taken, where).toBe(0)
  else expect(taken, where).toBeLessThanOrEqual(1)
}

/** The octets of the whole conversation, in both directions. */
async function lengths(
  caps: string[],
  window: number,
  script: ServerScript = {},
): Promise<Record<Cut['direction'], number>> {
  await using server = await startServer({ caps, ...script })
  await using proxy = await cuttingProxy(server.port)
  const transport = client(proxy.port, window)
  await Promise.all(messages().map((message) => transport.send(message)))
  const passed = { ...proxy.passed }
  await transport.close!()
  return passed
}

async function inBatches<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += 16) await Promise.all(items.slice(at, at + 16).map(run))
}

describe('three pipelined messages, cut at every octet', () => {
  for (const { title, caps, window, script } of ways) {
    it(
      `${title}: each ends as delivered, none or unknown, and the server never contradicts`,
      { timeout: 120_000 },
      async () => {
        const total = await lengths(caps, window, script)
        const cuts = (['to-server', 'to-client'] as const).flatMap((direction) =>
          Array.from({ length: total[direction] + 1 }, (_, after): Cut => ({ direction, after })),
        )
        const seen = new Set<Outcome>()
        await inBatches(cuts, async (cut) => {
          await using server = await startServer({ caps, ...script })
          await using proxy = await cuttingProxy(server.port, cut)
          const transport = client(proxy.port, window)
          const sent = messages()
          const outcomes = await Promise.all(sent.map((message) => outcomeOf(transport.send(message))))
          await transport.close!()
          for (const [index, message] of sent.entries()) {
            seen.add(outcomes[index]!)
            expectNoContradiction(
              outcomes[index]!,
              copies(server, message),
              `${message.messageId} cut ${cut.direction} at ${cut.after}`,
            )
          }
        })
        expect([...seen].toSorted()).toEqual(['delivered', 'none', 'unknown'])
      },
    )
  }

  it('retry(failover(...)) on top delivers nobody two copies', { timeout: 120_000 }, async () => {
    const total = await lengths(CAPS, 4)
    const cuts = (['to-server', 'to-client'] as const).flatMap((direction) =>
      Array.from({ length: total[direction] + 1 }, (_, after): Cut => ({ direction, after })),
    )
    await inBatches(cuts, async (cut) => {
      await using server = await startServer({ caps: CAPS })
      await using proxy = await cuttingProxy(server.port, cut)
      const transport = retry(failover(client(proxy.port, 4), client(server.port, 4)), { delayMs: 1 })
      const sent = messages()
      const outcomes = await Promise.all(sent.map((message) => outcomeOf(transport.send(message))))
      await transport.close!()
      for (const [index, message] of sent.entries()) {
        const where = `${message.messageId} cut ${cut.direction} at ${cut.after}`
        expectNoContradiction(outcomes[index]!, copies(server, message), where)
        // The backup is there: what was certainly not delivered goes out by it.
        expect(outcomes[index], where).not.toBe('none')
      }
    })
  })
})

describe('one of three pipelined messages is aborted at every octet that reached the server', () => {
  for (const { title, caps, window } of ways.slice(0, 3)) {
    it(`${title}: the others are delivered all the same`, { timeout: 120_000 }, async () => {
      const total = await lengths(caps, window)
      const places = Array.from({ length: total['to-server'] + 1 }, (_, after) => after)
      await inBatches(
        places.flatMap((after) => [0, 1, 2].map((which) => ({ after, which }))),
        async ({ after, which }) => {
          const controller = new AbortController()
          await using server = await startServer({ caps })
          await using proxy = await cuttingProxy(server.port)
          const transport = client(proxy.port, window)
          const sent = messages()
          const late: string[] = []
          const sending = sent.map((message, index) =>
            outcomeOf(
              transport.send(
                message,
                index === which ? { signal: controller.signal, late: () => late.push('late') } : {},
              ),
            ),
          )
          const watch = setInterval(() => {
            if (proxy.passed['to-server'] >= after) controller.abort()
          }, 0)
          const outcomes = await Promise.all(sending)
          clearInterval(watch)
          await transport.close!()
          for (const [index, message] of sent.entries()) {
            const where = `${message.messageId}, ${which} aborted at ${after}`
            if (index !== which) expect(outcomes[index], where).toBe('delivered')
            expectNoContradiction(outcomes[index]!, copies(server, message), where)
          }
        },
      )
    })
  }
})
