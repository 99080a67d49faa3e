import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { MailError } from '@loudmail/core'
import { newEntry } from './new-entry.ts'
import type { Lease, OutboxStore } from '../store.ts'
import type { Promises } from './options.ts'

/** The MailError that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<MailError> {
  try {
    await promise
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new assert.AssertionError({ message: 'it should have failed' })
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

/** Every method that reads or writes. */
const calls = (lease: Lease): Record<string, (store: OutboxStore) => Promise<unknown>> => ({
  open: (store) => store.open(),
  add: (store) => store.add(newEntry()),
  lease: (store) => store.lease(1, 60_000),
  extend: (store) => store.extend([lease], 60_000),
  begin: (store) => store.begin(lease),
  settle: (store) => store.settle(lease, { state: 'sent' }),
  change: (store) => store.change(lease.entry.id, ['waiting'], { state: 'dead' }),
  openBody: async (store) => drain(store.openBody(lease.entry.id, 0)),
  get: (store) => store.get(lease.entry.id),
  list: (store) => drain(store.list({})),
  counts: (store) => store.counts(),
  purge: (store) => store.purge(['sent'], 0),
})

export const failurePromises: Promises = {
  'what was begun before close() ends well': async ({ store, another }) => {
    const entries = Array.from({ length: 50 }, () => newEntry())
    const adding = entries.map((entry) => store.add(entry))
    await store.close()
    assert.ok((await Promise.all(adding)).every(({ isNew }) => isNew))
    const other = another()
    assert.equal((await other.counts()).waiting, 50)
    await other.close()
  },

  'it can be closed more than once, and without ever being opened': async ({ store, another }) => {
    await another().close()
    await store.open()
    await Promise.all([store.close(), store.close()])
    await store.close()
  },

  'after close(), every method fails with queue/pool-closed': async ({ store }) => {
    await store.add(newEntry())
    const [lease] = await store.lease(1, 60_000)
    await store.close()
    for (const [method, call] of Object.entries(calls(lease!)))
      assert.equal((await failureOf(call(store))).code, 'queue/pool-closed', method)
    store.onWork(() => {})()
  },

  'if it cannot be read or written, every method fails with submit/storage, says what to do, and nothing was added':
    async ({ store, unusable }, { secrets = [] }) => {
      await store.add(newEntry())
      const [lease] = await store.lease(1, 60_000)
      const broken = unusable()
      const off = broken.onWork(() => {})
      for (const [method, call] of Object.entries(calls(lease!))) {
        const error = await failureOf(call(broken))
        assert.equal(error.code, 'submit/storage', method)
        assert.equal(error.delivered, 'none', method)
        assert.equal(error.transport, broken.name, method)
        assert.ok(error.hint.length > 20, method)
        for (const secret of secrets) assert.ok(!inspect(error).includes(secret), method)
      }
      off()
      await broken.close()
    },
}
