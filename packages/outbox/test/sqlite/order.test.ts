import { join } from 'node:path'
import { expect, it } from 'vitest'
import { newEntry, newFolder, newStore } from './subject.ts'

// The contract leaves it to a store which of two entries of a priority goes first, if they were added in another order.
it('entries are leased by priority, and then strictly by the time when they are due, whenever they were added', async () => {
  const store = newStore(join(newFolder(), 'mail.db'))
  const due = Date.now() - 10_000
  const added = [
    [0, 2],
    [5, 3],
    [-1, 0],
    [5, 1],
    [0, 1],
    [5, 2],
  ] as const
  for (const [priority, later] of added) await store.add(newEntry({ priority, dueAt: due + later }))
  const leases = [...(await store.lease(2, 60_000)), ...(await store.lease(10, 60_000))]
  expect(leases.map(({ entry: { priority, dueAt } }) => [priority, dueAt - due])).toEqual([
    [5, 1],
    [5, 2],
    [5, 3],
    [0, 1],
    [0, 2],
    [-1, 0],
  ])
})

it('an entry whose lease has ended stands where it stood before', async () => {
  const store = newStore(join(newFolder(), 'mail.db'))
  const due = Date.now() - 10_000
  await store.add(newEntry({ dueAt: due + 2 }))
  const [lease] = await store.lease(1, 1)
  const leasedAt = Date.now()
  await store.add(newEntry({ dueAt: due + 3 }))
  await store.add(newEntry({ dueAt: due + 1 }))
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(leasedAt + 1)
  const leases = await store.lease(3, 60_000)
  expect(leases.map(({ entry }) => entry.dueAt - due)).toEqual([1, 2, 3])
  expect(leases[1]!.entry.id).toBe(lease!.entry.id)
})
