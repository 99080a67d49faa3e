import { failover, type Delivery, type MailError } from '@loudmail/core'
import { startServer, type Action } from '@loudmail/server'
import { expect, it } from 'vitest'
import { smtp } from '../src/index.ts'
import { message } from './scene.ts'

const PER_SECOND = 500
const TIMEOUT_MS = 800
const SKIP_MS = 800
/** For a machine that is busy with other things. */
const MARGIN_MS = 5_000

interface Sent {
  readonly beganAt: number
  readonly to: string
  readonly failures: MailError[]
  delivery?: Delivery
}

it(
  'a primary that stops answering under 500 sends a second holds nobody up after its first time-out',
  { timeout: 60_000 },
  async () => {
    let isSilent = false
    const fallSilent = (): Action | undefined => (isSilent ? { stall: true } : undefined)
    await using primary = await startServer({
      // Messages whose content is on its way are still taken. All others get no answer.
      on: { CONNECT: fallSilent, EHLO: fallSilent, MAIL: fallSilent },
      caps: ['PIPELINING'],
      keep: 'envelope',
      maxMessages: Infinity,
    })
    await using backup = await startServer({ keep: 'envelope', maxMessages: Infinity })
    const client = ({ port }: { readonly port: number }): ReturnType<typeof smtp> =>
      smtp({ host: '127.0.0.1', port, tls: 'none', timeoutMs: TIMEOUT_MS })
    const transport = failover([client(primary), client(backup)], { skipMs: SKIP_MS })
    const byPrimary = `smtp(127.0.0.1:${primary.port})`

    const sent: Sent[] = []
    const sends: Promise<void>[] = []
    let firstTimeoutAt = Infinity
    const send = async (): Promise<void> => {
      const one: Sent = { beganAt: performance.now(), to: `${sent.length}@rcpt.example`, failures: [] }
      sent.push(one)
      const failed = (error: MailError): void => {
        firstTimeoutAt = Math.min(firstTimeoutAt, performance.now())
        one.failures.push(error)
      }
      one.delivery = await transport.send(message({ to: one.to }), { failed })
    }
    const startedAt = performance.now()
    const pace = setInterval(() => {
      const due = ((performance.now() - startedAt) / 1_000) * PER_SECOND
      while (sent.length < due) sends.push(send())
    }, 5)
    const until = (happened: () => boolean): Promise<void> =>
      expect
        .poll(happened, { interval: 5, timeout: 30_000 })
        .toBe(true)
        .then(() => {})
    /** The messages that found out that it was still silent. */
    const probes = (): Sent[] =>
      sent.filter(({ beganAt, failures }) => beganAt > firstTimeoutAt && failures.length > 0)

    try {
      await until(() => sent.length > 250)
      isSilent = true
      await until(() => firstTimeoutAt < Infinity)
      const waiting = sends.slice()
      await Promise.all(waiting)
      const connections = primary.connections.length
      const tried = probes().length
      await until(() => probes().length === tried + 2)
      expect(primary.connections.length - connections).toBeLessThanOrEqual(3)
      isSilent = false
      const backAt = performance.now()
      const isBack = ({ beganAt, delivery }: Sent): boolean =>
        beganAt > backAt && delivery?.transport === byPrimary
      await until(() => sent.some(isBack))
      expect(performance.now() - backAt).toBeLessThan(SKIP_MS + TIMEOUT_MS + MARGIN_MS)
      // The first message that tries it finds it well, and then all go that way.
      const [first] = sent.filter(isBack)
      expect(sent.filter(({ beganAt, failures }) => beganAt > backAt && failures.length > 0)).toEqual([])
      const again = sent.length
      await until(() => sent.length > again + 100)
      clearInterval(pace)
      await Promise.all(sends)
      expect(sent.slice(again).filter(({ delivery }) => delivery!.transport !== byPrimary)).toEqual([])
      expect(first!.failures).toEqual([])
    } finally {
      clearInterval(pace)
      await Promise.allSettled(sends)
      await transport.close!()
    }

    // One message at a time tried it, with pauses. All others that began after the first time-out passed it over. The test
    // hears of the first time-out a little after failover() does.
    const begins = probes().map(({ beganAt }) => beganAt)
    for (const [index, beganAt] of begins.entries())
      expect(beganAt - (begins[index - 1] ?? firstTimeoutAt)).toBeGreaterThan(SKIP_MS / 2)
    expect(sent.flatMap(({ failures }) => failures.map(({ kind }) => kind))).toContain('timeout')
    for (const { failures } of sent) expect(failures.length).toBeLessThanOrEqual(1)

    const arrived = [primary, backup].flatMap(({ messages }) =>
      messages.flatMap(({ envelope }) => envelope.to),
    )
    expect(arrived.toSorted()).toEqual(sent.map(({ to }) => to).toSorted())
  },
)
