import assert from 'node:assert/strict'
import { newEntry } from './new-entry.ts'
import { KEPT_STATES, type EntryFilter, type EntryRecord, type NewEntry, type OutboxStore } from '../store.ts'
import type { Promises } from './options.ts'

async function idsOf(store: OutboxStore, filter: EntryFilter): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of store.list(filter)) ids.push(id)
  return ids
}

async function addMany(store: OutboxStore, count: number): Promise<NewEntry[]> {
  const entries = Array.from({ length: count }, () => newEntry())
  await Promise.all(entries.map((entry) => store.add(entry)))
  return entries
}

export const listingPromises: Promises = {
  'a list has every entry, the oldest or the newest first, with an empty head': async ({ store }) => {
    const ids = (await addMany(store, 450)).map(({ id }) => id)
    const found: EntryRecord[] = []
    for await (const record of store.list({})) found.push(record)
    assert.deepEqual(
      found.map(({ id }) => id),
      ids,
    )
    assert.ok(
      found.every(({ head, progress, state }) => head.length === 0 && progress && state === 'waiting'),
    )
    assert.deepEqual(await idsOf(store, { newestFirst: true }), ids.toReversed())
  },

  'an empty store has an empty list': async ({ store }) => {
    assert.deepEqual(await idsOf(store, {}), [])
  },

  'a list can be of one state, and of a time': async ({ store }) => {
    const due = Date.now()
    const entries = [0, 1_000, 2_000, 3_000].map((later) => newEntry({ dueAt: due + later }))
    for (const entry of entries) await store.add(entry)
    await store.change(entries[2]!.id, ['waiting'], { state: 'dead' })
    const ids = entries.map(({ id }) => id)
    const at = (...places: number[]): string[] => places.map((place) => ids[place]!)
    assert.deepEqual(await idsOf(store, { state: 'waiting' }), at(0, 1, 3))
    assert.deepEqual(await idsOf(store, { state: 'dead' }), at(2))
    assert.deepEqual(await idsOf(store, { state: 'sent' }), [])
    assert.deepEqual(await idsOf(store, { dueAfter: due + 1_000 }), at(2, 3))
    assert.deepEqual(await idsOf(store, { dueUntil: due + 1_000 }), at(0, 1))
    assert.deepEqual(await idsOf(store, { state: 'waiting', dueAfter: due, newestFirst: true }), at(3, 1))
    assert.deepEqual(await idsOf(store, { dueAfter: due, dueUntil: due + 2_000 }), at(1, 2))
  },

  'a list can begin behind any entry, also one that is gone': async ({ store }) => {
    const ids = (await addMany(store, 3)).map(({ id }) => id)
    const [first, middle, last] = ids
    assert.deepEqual(await idsOf(store, { after: first }), [middle, last])
    assert.deepEqual(await idsOf(store, { after: last, newestFirst: true }), [middle, first])
    await store.change(middle!, ['waiting'], { state: 'discarded' })
    await store.purge(['discarded'], Date.now() + 60_000)
    assert.deepEqual(await idsOf(store, { after: middle }), [last])
    assert.deepEqual(await idsOf(store, { after: middle, newestFirst: true }), [first])
  },

  'a list that is read while entries change has each entry once that was there all the time': async ({
    store,
    another,
  }) => {
    const entries = await addMany(store, 400)
    const other = another()
    for (const newestFirst of [false, true]) {
      const seen: string[] = []
      for await (const { id } of store.list({ newestFirst })) {
        seen.push(id)
        if (seen.length % 90 !== 0) continue
        await other.add(newEntry())
        const [lease] = await other.lease(1, 60_000)
        await other.settle(lease!, { state: 'waiting', dueAt: Date.now() + 86_400_000 })
      }
      assert.equal(new Set(seen).size, seen.length)
      const order = seen.toSorted()
      assert.deepEqual(seen, newestFirst ? order.toReversed() : order)
      assert.ok(entries.every(({ id }) => seen.includes(id)))
    }
    await other.close()
  },

  'entries can be removed while they are listed': async ({ store }) => {
    await addMany(store, 250)
    let seen = 0
    for await (const { id } of store.list({ state: 'waiting' })) {
      seen++
      await store.change(id, ['waiting'], { state: 'discarded' })
      if (seen % 50 === 0) await store.purge(['discarded'], Date.now() + 60_000)
    }
    assert.equal(seen, 250)
    assert.deepEqual(await idsOf(store, {}), [])
  },

  'whoever stops to read a list leaves the store as it was': async ({ store }) => {
    await addMany(store, 250)
    for await (const _ of store.list({})) break
    await store.add(newEntry())
    assert.equal((await store.counts()).waiting, 251)
  },

  'the counts are those of the entries, whatever happened to them': async ({ store, another }) => {
    const none = Object.fromEntries(KEPT_STATES.map((state) => [state, 0]))
    assert.deepEqual(await store.counts(), { ...none, scheduled: 0, oldestDueAt: undefined })
    const later = Date.now() + 86_400_000
    for (const dueAt of [later, later + 1]) await store.add(newEntry({ dueAt }))
    assert.equal((await store.counts()).oldestDueAt, undefined)
    const due = Date.now() - 5_000
    for (const ago of [0, 1, 2, 3, 4, 5]) await store.add(newEntry({ dueAt: due + ago }))
    const leases = await store.lease(5, 60_000)
    await store.settle(leases[0]!, { state: 'sent' })
    await store.settle(leases[1]!, { state: 'dead' })
    await store.settle(leases[2]!, { state: 'in-doubt' })
    await store.change(leases[3]!.entry.id, ['in-flight'], { state: 'discarded' })
    const expected = {
      waiting: 3,
      scheduled: 2,
      'in-flight': 1,
      'in-doubt': 1,
      dead: 1,
      sent: 1,
      discarded: 1,
      oldestDueAt: due + 4,
    }
    const other = another()
    assert.deepEqual(await other.counts(), expected)
    assert.deepEqual(await store.counts(), expected)
    await store.settle(leases[4]!, { state: 'waiting', dueAt: later })
    assert.equal((await other.counts()).oldestDueAt, due + 5)
    await other.close()
  },

  'a purge removes entries of these states that changed before, and no others': async ({ store }) => {
    const entries = await addMany(store, 4)
    const [sent, discarded, dead, waiting] = entries.map(({ id }) => id)
    await store.change(sent!, ['waiting'], { state: 'sent' })
    await store.change(discarded!, ['waiting'], { state: 'discarded' })
    await store.change(dead!, ['waiting'], { state: 'dead' })
    const soon = Date.now() + 60_000
    assert.equal(await store.purge(['sent', 'discarded'], Date.now() - 60_000), 0)
    assert.equal(await store.purge([], soon), 0)
    assert.equal(await store.purge(['sent', 'discarded'], soon), 2)
    assert.deepEqual(await idsOf(store, {}), [dead, waiting])
    assert.equal((await store.counts()).sent, 0)
  },

  'a purge removes any number of entries': async ({ store }) => {
    const entries = await addMany(store, 1_200)
    await Promise.all(
      entries.map(({ id }) => store.change(id, ['waiting'], { state: 'sent', dropsMessage: true })),
    )
    assert.equal(await store.purge(['sent'], Date.now() + 60_000), 1_200)
    assert.deepEqual(await idsOf(store, {}), [])
  },
}
