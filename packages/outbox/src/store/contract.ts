import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { NewEntry, OutboxStore } from './store.ts'

/** A store under test; every case gets a new, empty one. */
export interface StoreSubject {
  /** The store under test. */
  readonly store: OutboxStore
  /** Opens the same store once more, as another process would. */
  readonly another: () => OutboxStore
  /** Ends what the test started for this subject, after the case. */
  readonly release?: (() => Promise<void> | void) | undefined
}

/** What the contract should know about a store. */
export interface StoreContractOptions {
  /** Creates a store for each case. */
  readonly create: () => StoreSubject | Promise<StoreSubject>
  /** The shortest lease that it supports, in ms. @default 200 */
  readonly leaseMs?: number | undefined
}

/** One promise of the contract. Pass `title` and `run` to the `it` of any test runner. */
export interface StoreContractCase {
  /** The promise, in words. */
  readonly title: string
  /** Rejects if the promise is broken. */
  readonly run: () => Promise<void>
}

/** What every store promises to an outbox. */
export function outboxStoreContract(options: StoreContractOptions): StoreContractCase[] {
  const { leaseMs = 200 } = options
  const cases: StoreContractCase[] = []
  const promise = (title: string, test: (subject: StoreSubject) => Promise<void>): void => {
    const run = async (): Promise<void> => {
      const subject = await options.create()
      try {
        await test(subject)
      } finally {
        await subject.store.close()
        await subject.release?.()
      }
    }
    cases.push({ title, run })
  }

  promise('an entry that was added is there for another process', async ({ store, another }) => {
    const entry = newEntry()
    assert.deepEqual(await store.add(entry), { id: entry.id, messageId: entry.messageId, isNew: true })
    const other = another()
    const found = await other.get(entry.id)
    assert.equal(found?.state, 'waiting')
    assert.equal(found.progress, entry.progress)
    assert.deepEqual(Buffer.from(found.head), Buffer.from('head'))
    await other.close()
  })

  promise('an entry is leased once, and can be settled', async ({ store }) => {
    const entry = newEntry()
    await store.add(entry)
    const [lease, ...none] = await store.lease(10, 60_000)
    assert.equal(none.length, 0)
    assert.deepEqual(await store.lease(10, 60_000), [])
    assert.equal(await store.begin(lease!), true)
    assert.equal(await store.settle(lease!, { state: 'sent', attempts: 1, dropsMessage: true }), true)
    const found = await store.get(entry.id)
    assert.equal(found?.state, 'sent')
    assert.equal(found.head.length, 0)
    assert.equal(found.begun, false)
  })

  promise(
    'an entry whose lease has ended is leased again, and the first lease is lost',
    async ({ store }) => {
      await store.add(newEntry())
      const [first] = await store.lease(1, leaseMs)
      assert.equal(await store.begin(first!), true)
      const second = await leaseSoon(store, leaseMs)
      assert.equal(second.entry.begun, true)
      assert.equal(await store.begin(first!), false)
      assert.equal(await store.settle(first!, { state: 'sent' }), false)
    },
  )

  return cases
}

async function leaseSoon(store: OutboxStore, leaseMs: number) {
  for (let tries = 0; ; tries++) {
    const [lease] = await store.lease(1, 60_000)
    if (lease) return lease
    assert.ok(tries < 100, 'the lease did not end')
    await new Promise((resolve) => setTimeout(resolve, leaseMs / 4))
  }
}

function newEntry(changes: Partial<NewEntry> = {}): NewEntry {
  const now = Date.now()
  return {
    id: randomUUID(),
    messageId: `<${randomUUID()}@sender.example>`,
    priority: 0,
    dueAt: now,
    createdAt: now,
    progress: '{}',
    head: () => Buffer.from('head'),
    ...changes,
  }
}
