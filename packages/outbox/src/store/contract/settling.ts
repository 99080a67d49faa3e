import assert from 'node:assert/strict'
import { newEntry } from './new-entry.ts'
import { leaseSoon, until } from './waiting.ts'
import { KEPT_STATES, type Lease, type OutboxStore } from '../store.ts'
import type { Promises } from './options.ts'

async function leaseOne(store: OutboxStore): Promise<Lease> {
  await store.add(newEntry())
  const [lease] = await store.lease(1, 60_000)
  return lease!
}

export const settlingPromises: Promises = {
  'an entry that is settled changes, and its transmission has ended': async ({ store, another }) => {
    const lease = await leaseOne(store)
    await store.begin(lease)
    const change = { state: 'sent', attempts: 3, progress: '{"a":1}', dropsMessage: true } as const
    assert.equal(await store.settle(lease, change), true)
    const other = another()
    const found = await other.get(lease.entry.id)
    assert.ok(found)
    const { state, attempts, progress, begun, head, messageId } = found
    assert.deepEqual({ state, attempts, begun }, { state: 'sent', attempts: 3, begun: false })
    assert.deepEqual(JSON.parse(progress), { a: 1 })
    assert.equal(head.length, 0)
    assert.equal(messageId, lease.entry.messageId)
    await other.close()
  },

  'what a change leaves out stays as it is': async ({ store }) => {
    const entry = newEntry({ progress: '{"kept":true}' })
    await store.add(entry)
    const [lease] = await store.lease(1, 60_000)
    await store.settle(lease!, { state: 'dead' })
    const found = await store.get(entry.id)
    assert.ok(found)
    const { dueAt, attempts, progress, head } = found
    assert.deepEqual({ dueAt, attempts }, { dueAt: entry.dueAt, attempts: 0 })
    assert.deepEqual(JSON.parse(progress), { kept: true })
    assert.equal(Buffer.from(head).toString(), 'head')
  },

  'an entry that waits again is leased when it is due, and has not begun': async ({ store }) => {
    const lease = await leaseOne(store)
    await store.begin(lease)
    const dueAt = Date.now() + 1_000
    assert.equal(await store.settle(lease, { state: 'waiting', dueAt, attempts: 1 }), true)
    assert.deepEqual(await store.lease(1, 60_000), [])
    const { entry } = await leaseSoon(store)
    assert.ok(Date.now() >= dueAt)
    assert.deepEqual([entry.attempts, entry.begun, entry.dueAt], [1, false, dueAt])
  },

  'an entry is settled once': async ({ store }) => {
    const lease = await leaseOne(store)
    assert.equal(await store.settle(lease, { state: 'sent' }), true)
    assert.equal(await store.settle(lease, { state: 'dead' }), false)
    assert.equal((await store.get(lease.entry.id))?.state, 'sent')
  },

  'an entry that somebody else changed cannot be settled': async ({ store, another }) => {
    const lease = await leaseOne(store)
    const other = another()
    assert.equal(await other.change(lease.entry.id, ['in-flight'], { state: 'discarded' }), true)
    assert.equal(await store.settle(lease, { state: 'sent' }), false)
    assert.equal((await store.get(lease.entry.id))?.state, 'discarded')
    await other.close()
  },

  'an entry that was settled as in doubt can be settled again by the same lease': async ({ store }) => {
    const lease = await leaseOne(store)
    await store.begin(lease)
    assert.equal(await store.settle(lease, { state: 'in-doubt' }), true)
    assert.equal(await store.settle(lease, { state: 'sent', dropsMessage: true }), true)
    assert.equal((await store.get(lease.entry.id))?.state, 'sent')
  },

  'an entry that another worker parked can be settled by the one that began to send it': async (
    { store, another },
    { leaseMs = 200 },
  ) => {
    await store.add(newEntry())
    const [first] = await store.lease(1, leaseMs)
    await store.begin(first!)
    const other = another()
    const second = await leaseSoon(other)
    assert.equal(await store.settle(first!, { state: 'sent' }), false)
    assert.equal(await other.settle(second, { state: 'in-doubt' }), true)
    assert.equal(await store.settle(first!, { state: 'sent' }), true)
    assert.equal((await other.get(first!.entry.id))?.state, 'sent')
    await other.close()
  },

  'an entry that a person decided about cannot be settled any more': async ({ store }) => {
    const lease = await leaseOne(store)
    await store.begin(lease)
    await store.settle(lease, { state: 'in-doubt' })
    await store.change(lease.entry.id, ['in-doubt'], { state: 'waiting' })
    assert.equal(await store.settle(lease, { state: 'sent' }), false)
    const [again] = await store.lease(1, 60_000)
    await store.begin(again!)
    await store.settle(again!, { state: 'in-doubt' })
    assert.equal(await store.settle(lease, { state: 'sent' }), false)
    assert.equal((await store.get(lease.entry.id))?.state, 'in-doubt')
  },

  'a change is made only in the states that it names': async ({ store }) => {
    for (const state of KEPT_STATES) {
      const entry = newEntry({ dueAt: Date.now() + 86_400_000 })
      await store.add(entry)
      if (state !== 'waiting') assert.equal(await store.change(entry.id, ['waiting'], { state }), true)
      const others = KEPT_STATES.filter((each) => each !== state)
      assert.equal(await store.change(entry.id, others, { state: 'dead', attempts: 9 }), false)
      const found = await store.get(entry.id)
      assert.deepEqual([found?.state, found?.attempts], [state, 0])
      assert.equal(await store.change(entry.id, [state, others[0]!], { state: 'dead', attempts: 9 }), true)
      assert.equal((await store.get(entry.id))?.attempts, 9)
    }
    assert.equal(await store.change(newEntry().id, KEPT_STATES, { state: 'dead' }), false)
  },

  'a change can be refused for an entry that changed since it was read': async ({ store }) => {
    const entry = newEntry()
    await store.add(entry)
    const read = (await store.get(entry.id))!.updatedAt
    const [lease] = await store.lease(1, 60_000)
    await store.settle(lease!, { state: 'waiting' })
    const now = (await store.get(entry.id))!.updatedAt
    for (const time of [read, now - 1, now + 1])
      assert.equal(await store.change(entry.id, ['waiting'], { state: 'dead' }, time), false)
    assert.equal(await store.change(entry.id, ['dead'], { state: 'dead' }, now), false)
    assert.equal((await store.get(entry.id))?.state, 'waiting')
    assert.equal(await store.change(entry.id, ['waiting'], { state: 'dead' }, now), true)
  },

  'the time of the last change is another one after each change, also within one ms': async ({ store }) => {
    const entry = newEntry()
    await store.add(entry)
    const before = (await store.get(entry.id))!.updatedAt
    const changes = Array.from({ length: 20 }, () =>
      store.change(entry.id, ['waiting'], { state: 'waiting' }),
    )
    await Promise.all(changes)
    assert.ok((await store.get(entry.id))!.updatedAt >= before + changes.length)
  },

  'of two processes that change an entry at the same time, one does': async ({ store, another }) => {
    const entry = newEntry()
    await store.add(entry)
    const other = another()
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : other).change(entry.id, ['waiting'], { state: 'discarded' }),
      ),
    )
    assert.equal(results.filter(Boolean).length, 1)
    await other.close()
  },

  'the time of the last change is kept': async ({ store }) => {
    const entry = newEntry({ createdAt: Date.now() - 60_000 })
    await store.add(entry)
    await store.change(entry.id, ['waiting'], { state: 'dead' })
    const found = await store.get(entry.id)
    assert.equal(found?.createdAt, entry.createdAt)
    assert.ok(Math.abs(found.updatedAt - Date.now()) < 30_000)
  },

  'an entry that is to be sent again is announced': async ({ store, another }) => {
    const entry = newEntry()
    await store.add(entry)
    await store.change(entry.id, ['waiting'], { state: 'dead' })
    const other = another()
    await other.open()
    let heard = 0
    let heardByOther = 0
    const off = store.onWork(() => heard++)
    const offOther = other.onWork(() => heardByOther++)
    await store.change(entry.id, ['dead'], { state: 'waiting' })
    await until('both are told', () => heard > 0 && heardByOther > 0)
    off()
    offOther()
    await other.close()
  },
}
