import { join } from 'node:path'
import { MailError, type MailEvent, type Transport } from '@loudmail/core'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { outbox, sqlite, worker, type WorkerOptions } from '../src/index.ts'
import { temporaryFolder } from './temporary.ts'

const to = ['a@rcpt.example', 'b@rcpt.example']
const message = { from: 'ann@sender.example', to, subject: 'Hello', text: 'Hi' }

let printed: string[]

beforeEach(() => {
  printed = []
  const spy = vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line))
  onTestFinished(() => spy.mockRestore())
})

/** Refuses the first recipient for good, and the others for now, so often. */
function refuses(times: number): Transport {
  let attempts = 0
  return {
    name: 'refuses()',
    async send({ envelope }) {
      if (++attempts > times) return { transport: 'refuses()', state: 'sent', failures: [] }
      throw new MailError({
        stage: 'rcpt-to',
        kind: 'mixed',
        recipients: envelope.to.map((address) =>
          address === to[0]
            ? { address, status: 'rejected', permanence: 'permanent', kind: 'mailbox-unknown' }
            : { address, status: 'rejected', permanence: 'transient', kind: 'greylisted' },
        ),
      })
    },
  }
}

async function run(transport: Transport, options: WorkerOptions = {}) {
  const box = outbox(transport, { store: sqlite(join(temporaryFolder(), 'mail.db')) })
  onTestFinished(async () => box.close?.())
  const { id } = await box.enqueue(message)
  const self = worker(box, { delayMs: 1, maxDelayMs: 5, pollMs: 5, ...options })
  onTestFinished(() => self.close())
  await expect.poll(async () => (await box.get(id))?.state).toBe('dead')
  await self.close()
  return { id, stats: self.mailer.stats }
}

it('every failure is heard once, and the last one has what became of each recipient', async () => {
  const events: MailEvent[] = []
  const { stats } = await run(refuses(3), { observe: (event) => void events.push(event) })
  expect(events.map(({ type, inBackground }) => [type, inBackground])).toEqual([
    ['attempt-failed', true],
    ['sent', true],
    ['attempt-failed', true],
    ['sent', true],
    ['attempt-failed', true],
    ['sent', true],
    ['failed', true],
  ])
  const last = events.at(-1)!
  expect(last).toMatchObject({
    silenced: false,
    error: { delivered: 'some', code: 'rcpt-to/mailbox-unknown' },
  })
  expect(last.error!.recipients).toMatchObject([
    { address: to[0], status: 'rejected' },
    { address: to[1], status: 'accepted' },
  ])
  expect(new Set(events.map(({ error }) => error).filter(Boolean)).size).toBe(4)
  expect(stats).toMatchObject({ sent: 3, failed: 1, silenced: 0, attemptsFailed: 3 })
})

it('without observers, every failure is printed once, with words for one that nobody silenced', async () => {
  await run(refuses(1))
  expect(printed).toEqual([
    expect.stringMatching(/^loudmail: the message is tried again: rcpt-to\/mixed: .* - ./),
    expect.stringMatching(/^loudmail: failed in the background: rcpt-to\/mailbox-unknown: .* - ./),
  ])
})

it('an observer that reads the failure keeps it from being printed', async () => {
  await run(refuses(1), { observe: [({ error }) => void error, () => {}] })
  expect(printed).toEqual([])
})

it('an observer that throws costs a warning, and no message', async () => {
  const { stats } = await run(refuses(1), {
    observe: () => {
      throw new Error('no log')
    },
  })
  expect(stats).toMatchObject({ failed: 1, attemptsFailed: 1 })
  expect(printed).toHaveLength(2)
})

it.each([null, 'log', [() => {}, 1]])(
  'observers that are none are refused when the worker is made: %j',
  (observe) => {
    const box = outbox(refuses(0), { store: sqlite(join(temporaryFolder(), 'mail.db')) })
    expect(() => worker(box, { observe: observe as never })).toThrow(
      /config\/invalid-config: observe must be/,
    )
  },
)
