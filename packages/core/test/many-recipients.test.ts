import { expect, it } from 'vitest'
import {
  failover,
  Mailer,
  MailError,
  memory,
  retry,
  type Message,
  type RecipientOutcome,
  type Transport,
} from '../src/index.ts'

const FEW = 2_000
const MANY = 50_000

const reply = { protocol: 'smtp', code: 450, enhanced: '4.2.0', text: 'Not now' } as const

/** Refuses every second recipient for now, and leaves out the others: core completes the failure. */
const refusingHalf: Transport = {
  name: 'refusingHalf()',
  async send({ envelope }: Message) {
    if (envelope.to.length === 1) return { transport: 'refusingHalf()', state: 'sent', failures: [] }
    const recipients = envelope.to
      .filter((_address, index) => index % 2 === 0)
      .map((address): RecipientOutcome => ({ address, status: 'rejected', permanence: 'transient', reply }))
    throw new MailError({ stage: 'rcpt-to', kind: 'service-unavailable', reply, recipients })
  },
}

/**
 * Microseconds of processor time of one run, in the fastest of three measurements: other processes do not count. The clock
 * may advance in steps of 10 ms, so a short run is measured many `times`.
 */
async function fastest(run: () => Promise<unknown>, times: number): Promise<number> {
  let best = Infinity
  for (let n = 0; n < 3; n++) {
    const before = process.threadCpuUsage()
    for (let time = 0; time < times; time++) await run()
    const { user, system } = process.threadCpuUsage(before)
    best = Math.min(best, (user + system) / times)
  }
  return best
}

it.each([
  ['a list', (list: readonly string[]) => ({ to: list })],
  ['a list in which each is named twice', (list: readonly string[]) => ({ to: list, bcc: list })],
  ['one text', (list: readonly string[]) => ({ to: list.join(', ') })],
])(
  'the time that recipients take, given as %s, grows with their number and not with its square',
  async (_what, fields) => {
    const transport = retry(failover(refusingHalf, refusingHalf, memory()), { attempts: 2, delayMs: 0 })
    const mailer = new Mailer({ transport, failure: 'silent', observe: (event) => void event.error })
    const send = (count: number) => {
      const list = Array.from({ length: count }, (_, index) => `r${index}@example.com`)
      const input = { from: 'ann@example.com', text: '', ...fields(list) }
      return () => mailer.send(input)
    }
    const few = await fastest(send(FEW), MANY / FEW)
    const many = await fastest(send(MANY), 1)
    // The square would be 625 times as long.
    expect(many / few).toBeLessThan((5 * MANY) / FEW)
  },
)
