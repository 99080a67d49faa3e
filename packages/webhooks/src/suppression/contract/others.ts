import assert from 'node:assert/strict'
import { BOB, suppression, users, type Promises } from './example.ts'

export const otherPromises: Promises = {
  'others see at once who was added and who was removed': async ({ store, another }) => {
    const other = another?.()
    if (!other) return
    assert.deepEqual(await other.find([BOB]), [])
    await store.add(suppression())
    assert.deepEqual(await other.find([BOB]), [suppression()])
    await other.remove(BOB)
    assert.deepEqual(await store.find([BOB]), [])
    await other.close()
  },

  'several add at the same time, and nothing is lost': async ({ store, another }) => {
    const stores = [store, another?.() ?? store]
    const addresses = users(200)
    await Promise.all(addresses.map((address, n) => stores[n % 2]!.add(suppression({ address }))))
    assert.equal((await store.find(addresses)).length, 200)
    if (stores[1] !== store) await stores[1]!.close()
  },

  'the soft bounces that several see are counted together': async ({ store, another }) => {
    const other = another?.()
    if (!other) return
    const bounce = (id: string) => ({ address: BOB, id, at: new Date() })
    await store.addSoftBounce(bounce('a'), new Date(0))
    assert.equal(await other.addSoftBounce(bounce('b'), new Date(0)), 2)
    await other.close()
  },
}
