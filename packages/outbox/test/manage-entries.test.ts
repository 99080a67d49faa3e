import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { memory, MailError } from '@loudmail/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EntryStateError, outbox, sqlite, worker, type Outbox } from '../src/index.ts'
import type { OutboxStore } from '../src/store.ts'
import { temporaryFolder } from './temporary.ts'

const message = { from: 'ann@sender.example', to: ['a@rcpt.example', 'b@rcpt.example'], text: 'Hi' }
const rejected = { status: 'rejected', permanence: 'permanent' } as const

function open(change: (store: OutboxStore) => Partial<OutboxStore> = () => ({})) {
  const file = join(temporaryFolder(), 'mail.db')
  const store = sqlite(file, { pollMs: 20 })
  const box = outbox(memory(), { store: { ...store, ...change(store) } })
  onTestFinished(async () => box.close?.())
  return { box, store, file }
}

/** What an attempt leaves behind: the first one has it, the second one was refused. */
async function progressAfter(store: OutboxStore, id: string, accepted: number): Promise<string> {
  const progress = JSON.parse((await store.get(id))!.progress) as object
  const recipients = message.to.map((address, index) =>
    index < accepted ? { address, status: 'accepted' } : { address, ...rejected },
  )
  return JSON.stringify({ ...progress, recipients, open: [] })
}

async function damage(box: Outbox, file: string, progress: string): Promise<string> {
  const { id } = await box.enqueue(message)
  const database = new DatabaseSync(file)
  database.prepare('UPDATE loudmail_outbox SET progress = ? WHERE id = ?').run(progress, id)
  database.close()
  return id
}

async function listed<Entry>(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const all: Entry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

describe('what a person decides', () => {
  it('is about the entry as it is, also if it was sent to somebody and came back meanwhile', async () => {
    let meanwhile: (() => Promise<void>) | undefined
    const { box, store } = open((own) => ({
      async get(id) {
        const found = await own.get(id)
        await meanwhile?.()
        return found
      },
    }))
    const { id } = await box.enqueue(message)
    await store.change(id, ['waiting'], { state: 'dead', progress: await progressAfter(store, id, 0) })
    meanwhile = async () => {
      meanwhile = undefined
      await store.change(id, ['dead'], { state: 'waiting' })
      const [lease] = await store.lease(1, 60_000)
      await store.settle(lease!, { state: 'dead', progress: await progressAfter(store, id, 1) })
    }
    await box.retry(id)
    expect(await box.get(id)).toMatchObject({
      state: 'waiting',
      open: ['b@rcpt.example'],
      recipients: [{ address: 'a@rcpt.example', status: 'accepted' }],
    })
  })
})

it('an entry says who gets it with the next attempt', async () => {
  const { box, store } = open()
  const { id } = await box.enqueue(message)
  expect(await box.get(id)).toMatchObject({ open: message.to, recipients: [] })
  await store.change(id, ['waiting'], { state: 'dead', progress: await progressAfter(store, id, 1) })
  expect((await box.get(id))?.open).toEqual([])
})

describe.each([
  ['is no JSON', '{ "subject": "secret"'],
  ['has another form', '{"from":"a@x.example","to":"b@x.example"}'],
  ['has nothing in it', 'null'],
])('an entry whose progress %s', (_, progress) => {
  it('is listed with the reason, and hides no other one', async () => {
    const { box, file } = open()
    const id = await damage(box, file, progress)
    const other = await box.enqueue(message)
    const all = await listed(box.list())
    expect(all).toMatchObject([
      { id, state: 'waiting', to: [], error: { code: 'submit/storage', permanence: 'permanent' } },
      { id: other.id, to: message.to },
    ])
    expect(all[0]!.error!.hint).toMatch(/discard the entry/)
    expect(JSON.stringify(all[0]!.error)).not.toContain('secret')
    await expect(box.resolve(id, 'delivered')).rejects.toThrow(EntryStateError)
    await box.discard(id)
    expect((await box.get(id))?.state).toBe('discarded')
  })

  it('cannot be retried, and the error says why', async () => {
    const { box, store, file } = open()
    const id = await damage(box, file, progress)
    await store.change(id, ['waiting'], { state: 'dead' })
    const error = await box.retry(id).catch((reason: unknown) => reason)
    expect(MailError.is(error) && error.code).toBe('submit/storage')
  })

  it('stays where it is, with one warning, and the worker sends the others', async () => {
    const { box, file } = open()
    const id = await damage(box, file, progress)
    const warnings: string[] = []
    const hear = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', hear)
    onTestFinished(() => void process.off('warning', hear))
    const own = worker(box, { concurrency: 1, leaseMs: 100, pollMs: 10 })
    onTestFinished(() => own.close())
    for (let number = 0; number < 3; number++) {
      const { id: other } = await box.enqueue(message)
      await expect.poll(async () => (await box.get(other))?.state).toBe('sent')
    }
    const lease = async () => (await box.store.get(id))!.updatedAt
    const first = await lease()
    await expect.poll(lease).not.toBe(first)
    await own.close()
    expect((await box.get(id))?.state).toMatch(/in-flight|waiting/)
    const about = warnings.filter((warning) => warning.includes(id))
    expect(about).toHaveLength(1)
    expect(about[0]).toMatch(/cannot be read/)
  })
})
