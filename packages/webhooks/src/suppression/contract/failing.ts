import assert from 'node:assert/strict'
import type { SuppressionStore } from '../suppression.ts'
import { BOB, failureOf, suppression, users, type Promises } from './example.ts'

/** Every method that reads or writes. */
const CALLS: Readonly<Record<string, (store: SuppressionStore) => Promise<unknown>>> = {
  find: (store) => store.find([BOB]),
  'find nobody': (store) => store.find([]),
  add: (store) => store.add(suppression()),
  'add nobody': (store) => store.add([]),
  remove: (store) => store.remove(BOB),
  list: (store) => store.list(),
  addSoftBounce: (store) => store.addSoftBounce({ address: BOB, id: 'a', at: new Date() }, new Date(0)),
}

export const failurePromises: Promises = {
  'what was begun before close() ends well': async ({ store }) => {
    const adding = users(50).map((address) => store.add(suppression({ address })))
    const closing = store.close()
    await Promise.all(adding)
    await closing
  },

  'after close(), every method fails with queue/pool-closed, and close() does nothing': async ({ store }) => {
    await store.add(suppression())
    await Promise.all([store.close(), store.close()])
    await store.close()
    for (const [method, call] of Object.entries(CALLS))
      assert.equal((await failureOf(call(store))).code, 'queue/pool-closed', method)
  },

  'if it cannot be read or written, every method fails with submit/storage and says what to do': async ({
    unusable,
  }) => {
    const store = unusable?.()
    if (!store) return
    for (const [method, call] of Object.entries(CALLS)) {
      const error = await failureOf(call(store))
      assert.equal(error.code, 'submit/storage', method)
      assert.equal(error.transport, store.name, method)
      assert.equal(error.permanence, 'transient', method)
      assert.ok(error.hint.length > 20, method)
    }
    await store.close()
  },
}
