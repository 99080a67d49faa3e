import assert from 'node:assert/strict'
import type { Lease, OutboxStore } from '../store.ts'

/** How often to look, and for how long at most, in ms. */
const LOOK_MS = 20
const LONGEST_MS = 15_000

/** Resolves once a condition is met. */
export async function until(what: string, isMet: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + LONGEST_MS
  while (!(await isMet())) {
    assert.ok(Date.now() < end, `${what}: not within ${LONGEST_MS} ms`)
    await passed(LOOK_MS)
  }
}

/** Resolves after this time, in ms. */
export function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Leases one entry, as soon as there is one. */
export async function leaseSoon(store: OutboxStore, leaseMs = 60_000): Promise<Lease> {
  let lease: Lease | undefined
  await until('an entry can be leased', async () => ([lease] = await store.lease(1, leaseMs)).length > 0)
  return lease!
}
