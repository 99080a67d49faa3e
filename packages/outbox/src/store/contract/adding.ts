import assert from 'node:assert/strict'
import { newEntry } from './new-entry.ts'
import { until } from './waiting.ts'
import type { Promises } from './options.ts'

export const addingPromises: Promises = {
  'it has a name that shows no secret': async ({ store }, { secrets = [] }) => {
    assert.notEqual(store.name, '')
    for (const secret of secrets) assert.ok(!store.name.includes(secret))
  },

  'it can be opened more than once': async ({ store }) => {
    await Promise.all([store.open(), store.open()])
    await store.open()
  },

  'two processes can open it at the same time': async ({ store, another }) => {
    const others = [another(), another(), another()]
    await Promise.all([store, ...others].map((each) => each.open()))
    await Promise.all([store, ...others].map((each) => each.add(newEntry())))
    assert.equal((await store.counts()).waiting, 4)
    await Promise.all(others.map((other) => other.close()))
  },

  'an entry that was added is there for another process, as it was given': async ({ store, another }) => {
    const head = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet))
    const { head: _, ...fields } = newEntry({
      idempotencyKey: "key 'ä' \\ 🔑",
      priority: -5,
      dueAt: Date.now() + 86_400_000,
      createdAt: Date.now() - 1_000,
      progress: JSON.stringify({ subject: 'Grüße "🎉"', to: ["o'hara@rcpt.example"] }),
    })
    const added = await store.add({ ...fields, head: () => head })
    assert.deepEqual(added, { id: fields.id, messageId: fields.messageId, isNew: true })
    const other = another()
    const found = await other.get(fields.id)
    assert.ok(found)
    const { head: foundHead, updatedAt, ...others } = found
    const { progress, ...rest } = others
    const { progress: given, ...expected } = fields
    assert.deepEqual(JSON.parse(progress), JSON.parse(given))
    assert.deepEqual(rest, { ...expected, state: 'waiting', attempts: 0, begun: false, bodySize: 0 })
    assert.deepEqual(Buffer.from(foundHead), head)
    assert.ok(Math.abs(updatedAt - Date.now()) < 60_000)
    await other.close()
  },

  'an entry without a Message-ID and a key has none': async ({ store }) => {
    const entry = newEntry({ messageId: undefined })
    assert.equal((await store.add(entry)).messageId, undefined)
    const found = await store.get(entry.id)
    assert.equal(found?.messageId, undefined)
    assert.equal(found?.idempotencyKey, undefined)
  },

  'an entry that is not there is undefined': async ({ store }) => {
    assert.equal(await store.get(newEntry().id), undefined)
  },

  'of two entries with the same key, the second is not added': async ({ store }) => {
    const first = newEntry({ idempotencyKey: 'once' })
    const second = newEntry({ idempotencyKey: 'once' })
    await store.add(first)
    const known = { id: first.id, messageId: first.messageId, isNew: false }
    assert.deepEqual(await store.add(second), known)
    assert.equal(await store.get(second.id), undefined)
  },

  'the key of an entry that was sent is still known, until it is purged': async ({ store }) => {
    await store.add(newEntry({ idempotencyKey: 'once' }))
    const [lease] = await store.lease(1, 60_000)
    await store.settle(lease!, { state: 'sent', dropsMessage: true })
    assert.equal((await store.add(newEntry({ idempotencyKey: 'once' }))).isNew, false)
    assert.equal(await store.purge(['sent'], Date.now() + 60_000), 1)
    assert.equal((await store.add(newEntry({ idempotencyKey: 'once' }))).isNew, true)
  },

  'of many entries with the same key at the same time, one is added': async ({ store, another }) => {
    const other = another()
    const adds = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? store : other).add(newEntry({ idempotencyKey: 'race' })),
    )
    const added = await Promise.all(adds)
    assert.equal(added.filter(({ isNew }) => isNew).length, 1)
    assert.equal(new Set(added.map(({ id }) => id)).size, 1)
    assert.equal(new Set(added.map(({ messageId }) => messageId)).size, 1)
    assert.equal((await store.counts()).waiting, 1)
    await other.close()
  },

  'many entries at the same time are all there': async ({ store, another }) => {
    const other = another()
    const entries = Array.from({ length: 300 }, () => newEntry())
    await Promise.all(entries.map((entry, index) => (index % 3 === 0 ? other : store).add(entry)))
    const found = await Promise.all(entries.map(({ id }) => store.get(id)))
    assert.ok(found.every((record) => record?.state === 'waiting'))
    await other.close()
  },

  'an entry that cannot be written fails alone, with its own error': async ({ store }) => {
    const mistake = new Error('the head cannot be written')
    const broken = newEntry({
      head: () => {
        throw mistake
      },
    })
    const others = [newEntry(), newEntry()]
    const [first, failed, second] = await Promise.allSettled(
      [others[0]!, broken, others[1]!].map((entry) => store.add(entry)),
    )
    assert.equal(first?.status, 'fulfilled')
    assert.equal(second?.status, 'fulfilled')
    assert.equal(failed?.status === 'rejected' && failed.reason, mistake)
    assert.equal(await store.get(broken.id), undefined)
    assert.equal((await store.counts()).waiting, 2)
  },

  'a new entry is announced, also to other processes, until they stop listening': async ({
    store,
    another,
  }) => {
    const other = another()
    let heard = 0
    let heardByOther = 0
    const off = store.onWork(() => heard++)
    const offOther = other.onWork(() => heardByOther++)
    await store.add(newEntry())
    await until('both are told', () => heard > 0 && heardByOther > 0)
    off()
    const before = { heard, heardByOther }
    await other.add(newEntry())
    await until('the other one is told', () => heardByOther > before.heardByOther)
    assert.equal(heard, before.heard)
    offOther()
    await other.close()
  },
}
