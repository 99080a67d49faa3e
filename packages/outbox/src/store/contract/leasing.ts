import assert from 'node:assert/strict'
import { newEntry } from './new-entry.ts'
import { leaseSoon, passed, until } from './waiting.ts'
import type { Promises } from './options.ts'

export const leasingPromises: Promises = {
  'an entry is leased once, with all of its message': async ({ store, another }) => {
    const entry = newEntry()
    await store.add(entry)
    const [lease, ...none] = await store.lease(10, 60_000)
    assert.deepEqual(none, [])
    assert.equal(lease?.entry.id, entry.id)
    assert.equal(lease.entry.state, 'in-flight')
    assert.equal(lease.entry.begun, false)
    assert.equal(Buffer.from(lease.entry.head).toString(), 'head')
    const other = another()
    assert.deepEqual(await other.lease(10, 60_000), [])
    assert.equal((await other.get(entry.id))?.state, 'in-flight')
    await other.close()
  },

  'entries are leased by priority, and then by the time when they are due': async ({ store }) => {
    const due = Date.now() - 10_000
    const places = [
      { priority: 0, dueAt: due + 1 },
      { priority: 5, dueAt: due + 1 },
      { priority: -1, dueAt: due },
      { priority: 0, dueAt: due + 2 },
      { priority: 5, dueAt: due + 2 },
      { priority: 5, dueAt: due + 3 },
    ]
    for (const place of places) await store.add(newEntry(place))
    const first = await store.lease(4, 60_000)
    const rest = await store.lease(4, 60_000)
    const order = [...first, ...rest].map(({ entry: { priority, dueAt } }) => [priority, dueAt - due])
    const right = [
      [5, 1],
      [5, 2],
      [5, 3],
      [0, 1],
      [0, 2],
      [-1, 0],
    ]
    assert.deepEqual(order, right)
    assert.equal(first.length, 4)
  },

  'an entry is not leased before it is due': async ({ store }) => {
    await store.open()
    const soon = Date.now() + 1_000
    await store.add(newEntry({ dueAt: soon }))
    await store.add(newEntry({ dueAt: soon + 86_400_000, priority: 100 }))
    assert.deepEqual(await store.lease(10, 60_000), [])
    const { entry } = await leaseSoon(store)
    assert.equal(entry.dueAt, soon)
    assert.ok(Date.now() >= soon)
  },

  'two processes that lease at the same time never get the same entry': async ({ store, another }) => {
    const other = another()
    const total = 200
    await Promise.all(Array.from({ length: total }, () => store.add(newEntry())))
    const taken: string[] = []
    const takeAll = async (from: typeof store): Promise<void> => {
      for (;;) {
        const leases = await from.lease(7, 60_000)
        assert.ok(leases.length <= 7)
        taken.push(...leases.map(({ entry }) => entry.id))
        if (leases.length === 0) return
      }
    }
    await Promise.all([takeAll(store), takeAll(other), takeAll(store), takeAll(other)])
    assert.equal(taken.length, total)
    assert.equal(new Set(taken).size, total)
    await other.close()
  },

  'an entry whose lease has ended is leased again, and the first lease is lost': async (
    { store, another },
    { leaseMs = 200 },
  ) => {
    await store.add(newEntry())
    const [first] = await store.lease(1, leaseMs)
    const other = another()
    const second = await leaseSoon(other)
    assert.equal(second.entry.begun, false)
    assert.equal(await store.begin(first!), false)
    assert.deepEqual(await store.extend([first!], 60_000), [first])
    assert.equal(await store.settle(first!, { state: 'sent' }), false)
    assert.equal((await store.get(first!.entry.id))?.state, 'in-flight')
    assert.equal(await other.begin(second), true)
    assert.equal(await other.settle(second, { state: 'sent' }), true)
    await other.close()
  },

  'entries whose lease has ended come in their order among the others': async (
    { store },
    { leaseMs = 200 },
  ) => {
    const now = Date.now()
    await store.add(newEntry({ priority: 1, dueAt: now - 3 }))
    const [first] = await store.lease(1, leaseMs)
    await store.add(newEntry({ priority: 2, dueAt: now - 1 }))
    await store.add(newEntry({ priority: 0, dueAt: now - 9 }))
    await passed(leaseMs)
    const found: number[] = []
    await until('all three are leased', async () => {
      // The lease may end between two of these.
      const leases = await store.lease(3, 60_000)
      if (leases.length === 3) assert.equal(leases[1]!.entry.id, first!.entry.id)
      found.push(...leases.map(({ entry }) => entry.priority))
      return found.length === 3
    })
    assert.deepEqual(new Set(found), new Set([0, 1, 2]))
  },

  'a lease that was extended goes on': async ({ store, another }, { leaseMs = 200 }) => {
    await store.add(newEntry())
    await store.add(newEntry())
    const leases = await store.lease(2, leaseMs)
    assert.deepEqual(await store.extend(leases.slice(0, 1), 60_000), [])
    const other = another()
    const again = await leaseSoon(other)
    assert.equal(again.entry.id, leases[1]!.entry.id)
    assert.deepEqual(await other.lease(10, 60_000), [])
    assert.deepEqual(await store.extend(leases, 60_000), [leases[1]])
    assert.equal(await store.begin(leases[0]!), true)
    await other.close()
  },

  'a lease is lost once its entry is settled or changed': async ({ store }) => {
    await store.add(newEntry())
    await store.add(newEntry())
    const leases = await store.lease(2, 60_000)
    await store.settle(leases[0]!, { state: 'dead' })
    await store.change(leases[1]!.entry.id, ['in-flight'], { state: 'waiting' })
    assert.deepEqual(await store.extend(leases, 60_000), leases)
    assert.equal(await store.begin(leases[0]!), false)
    assert.equal(await store.begin(leases[1]!), false)
  },

  'that a transmission began is known to whoever leases the entry next': async (
    { store, another },
    { leaseMs = 200 },
  ) => {
    const entry = newEntry()
    await store.add(entry)
    const [first] = await store.lease(1, leaseMs)
    assert.equal(await store.begin(first!), true)
    const other = another()
    assert.equal((await other.get(entry.id))?.begun, true)
    const second = await leaseSoon(other)
    assert.equal(second.entry.begun, true)
    await other.close()
  },
}
