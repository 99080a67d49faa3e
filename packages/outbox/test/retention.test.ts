import { join } from 'node:path'
import { memory } from '@loudmail/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { outbox, sqlite, worker, type Outbox, type OutboxOptions } from '../src/index.ts'
import type { KeptState, OutboxStore } from '../src/store.ts'
import { removeOldEntries } from '../src/worker/retention.ts'
import { temporaryFolder } from './temporary.ts'

const message = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi' }
const DAY_MS = 86_400_000

function open(options: Partial<OutboxOptions> = {}): Outbox {
  const box = outbox(memory(), {
    store: sqlite(join(temporaryFolder(), 'mail.db'), { pollMs: 20 }),
    ...options,
  })
  onTestFinished(async () => box.close?.())
  return box
}

function work(box: Outbox): void {
  const self = worker(box)
  onTestFinished(() => self.close())
}

async function settled(box: Outbox, state: KeptState, number = 1): Promise<void> {
  for (let each = 0; each < number; each++) {
    const { id } = await box.enqueue(message)
    await box.store.change(id, ['waiting'], { state, dropsMessage: state !== 'dead' })
  }
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('a worker removes', () => {
  it('what was sent or discarded when it was kept long enough, and nothing else', async () => {
    const box = open({ keepSentMs: 1 })
    for (const state of ['sent', 'discarded', 'dead', 'in-doubt'] as const) await settled(box, state)
    await soon()
    work(box)
    await expect
      .poll(async () => box.counts())
      .toMatchObject({ sent: 0, discarded: 0, dead: 1, 'in-doubt': 1 })
  })

  it('what is dead, if it is told to', async () => {
    const box = open({ keepDeadMs: 1 })
    for (const state of ['sent', 'dead', 'in-doubt'] as const) await settled(box, state)
    await soon()
    work(box)
    await expect.poll(async () => box.counts()).toMatchObject({ sent: 1, dead: 0, 'in-doubt': 1 })
  })

  it('what it sent itself, within seconds if nothing is to be kept', async () => {
    const box = open({ keepSentMs: 0 })
    work(box)
    const { id } = await box.enqueue(message)
    await expect.poll(() => box.get(id), { timeout: 10_000 }).toBeUndefined()
  })
})

it('by default, what was sent is kept for seven days, and what is dead for ever', () => {
  expect(open().retention).toEqual({ keepSentMs: 7 * DAY_MS, keepDeadMs: Infinity })
})

it.each([{ keepSentMs: -1 }, { keepDeadMs: '1' as never }])('%j is refused', (options) => {
  expect(() => open(options)).toThrow(
    /config\/invalid-config: outbox\(\) keep\w+ must be a number, 0 or more/,
  )
})

it('the content of a message is removed as soon as it was sent', async () => {
  const box = open()
  work(box)
  const { id } = await box.enqueue({ ...message, attachments: [{ content: Buffer.alloc(300_000) }] })
  await expect.poll(async () => (await box.get(id))?.state).toBe('sent')
  const record = await box.store.get(id)
  expect(record?.head).toHaveLength(0)
  expect(await box.read(id)).toBeUndefined()
})

it('several workers remove each entry once', async () => {
  const box = open()
  const entries = await Promise.all(Array.from({ length: 1_600 }, () => box.enqueue(message)))
  await Promise.all(entries.map(({ id }) => box.store.change(id, ['waiting'], { state: 'sent' })))
  await soon()
  let removed = 0
  const purge: OutboxStore['purge'] = async (...args) => {
    const number = await box.store.purge(...args)
    removed += number
    return number
  }
  const retention = { keepSentMs: 1, keepDeadMs: Infinity }
  const ends = [1, 2, 3].map(() => removeOldEntries({ ...box.store, purge }, retention, () => {}))
  await expect.poll(async () => (await box.counts()).sent).toBe(0)
  await Promise.all(ends.map((end) => end()))
  expect(removed).toBe(1_600)
})

it('a store that fails is told, and tried again', async () => {
  const errors: unknown[] = []
  const box = open()
  const purge = async (): Promise<number> => {
    throw new Error('the disk is gone')
  }
  const end = removeOldEntries({ ...box.store, purge }, { keepSentMs: 1, keepDeadMs: Infinity }, (error) => {
    errors.push(error)
  })
  await expect.poll(() => errors.length, { timeout: 10_000 }).toBeGreaterThan(1)
  await end()
})
