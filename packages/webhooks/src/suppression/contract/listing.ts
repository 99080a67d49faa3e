import assert from 'node:assert/strict'
import type { Suppression, SuppressionStore } from '../suppression.ts'
import { BOB, failureOf, suppression, users, type Promises } from './example.ts'

async function all(store: SuppressionStore, limit: number): Promise<Suppression[]> {
  const found: Suppression[] = []
  for (let page = await store.list({ limit }); page.length > 0;) {
    found.push(...page)
    page = await store.list({ after: found.at(-1)!.address, limit })
  }
  return found
}

export const listingPromises: Promises = {
  'the list is read in parts, and has everybody once': async ({ store }) => {
    const addresses = users(250)
    await store.add(addresses.map((address) => suppression({ address })))
    const found = await all(store, 60)
    assert.equal(found.length, 250)
    assert.deepEqual(new Set(found.map(({ address }) => address)), new Set(addresses))
    assert.deepEqual(await all(store, 1_000), found)
    assert.deepEqual(await store.list(), found.slice(0, 100))
  },

  'who is added after the list was read is on the next one': async ({ store }) => {
    assert.deepEqual(await store.list(), [])
    await store.add(suppression())
    assert.deepEqual(await store.list(), [suppression()])
    await store.add(suppression({ address: 'ann@rcpt.example' }))
    assert.equal((await store.list()).length, 2)
  },

  'a part can begin behind an address that is not on the list, in any spelling': async ({ store }) => {
    for (const name of ['a', 'b', 'c']) await store.add(suppression({ address: `${name}@rcpt.example` }))
    await store.remove('b@rcpt.example')
    const rest = await store.list({ after: 'b@RCPT.example' })
    assert.deepEqual(
      rest.map(({ address }) => address),
      ['c@rcpt.example'],
    )
  },

  'a limit that is not from 1 to 1,000 is refused': async ({ store }) => {
    for (const limit of [0, 1_001, 1.5, Number.NaN])
      assert.equal((await failureOf(store.list({ limit }))).code, 'config/invalid-config')
  },

  'who is removed is not on the list any more, and can be added again': async ({ store }) => {
    await store.add(suppression())
    assert.equal(await store.remove(BOB), true)
    assert.equal(await store.remove(BOB), false)
    assert.deepEqual(await store.find([BOB]), [])
    await store.add(suppression({ reason: 'manual' }))
    assert.equal((await store.find([BOB]))[0]!.reason, 'manual')
  },

  'a soft bounce counts once, within its time': async ({ store }) => {
    const day = 86_400_000
    const now = Date.now()
    const since = new Date(now - 7 * day)
    const bounce = (id: string, daysAgo: number): Promise<number> =>
      store.addSoftBounce({ address: BOB, id, at: new Date(now - daysAgo * day) }, since)
    assert.equal(await bounce('a', 6), 1)
    assert.equal(await bounce('b', 5), 2)
    assert.equal(await bounce('a', 6), 2)
    assert.equal(await bounce('old', 8), 2)
    const other = { address: 'carol@rcpt.example', id: 'a', at: new Date(now) }
    assert.equal(await store.addSoftBounce(other, since), 1)
    assert.equal(await store.addSoftBounce({ ...other, address: 'bob@RCPT.example', id: 'c' }, since), 3)
    const later = { address: BOB, id: 'd', at: new Date(now) }
    assert.equal(await store.addSoftBounce(later, new Date(now - 5.5 * day)), 3)
    assert.deepEqual(await store.list(), [])
  },

  'who is removed has no soft bounces any more': async ({ store }) => {
    const since = new Date(0)
    await store.addSoftBounce({ address: BOB, id: 'a', at: new Date() }, since)
    await store.remove(BOB)
    assert.equal(await store.addSoftBounce({ address: BOB, id: 'b', at: new Date() }, since), 1)
  },
}
