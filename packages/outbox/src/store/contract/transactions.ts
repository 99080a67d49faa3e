import assert from 'node:assert/strict'
import { failureOf } from './failing.ts'
import { bodyOf, largeContent, newEntry } from './new-entry.ts'
import { until } from './waiting.ts'
import type { CallerTransaction, Promises, StoreContractOptions, StoreSubject } from './options.ts'

const ROLLBACK = new Error('the caller rolls back')

/** What a store promises about each kind of transaction that it can join. */
export function transactionPromises({ transactions }: StoreContractOptions): Promises {
  return Object.assign(
    { ...refusals },
    ...Object.entries(transactions).map(([kind, transaction]) => promisesOf(kind, transaction)),
  ) as Promises
}

const refusals: Promises = {
  'what is no transaction is refused, and says what may be passed': async ({ store }) => {
    for (const using of [null, false, 'BEGIN', {}, { prepare: 1 }, () => {}]) {
      const error = await failureOf(store.add(newEntry(), using))
      assert.equal(error.code, 'config/invalid-config')
      assert.match(error.summary, /using/)
    }
    assert.equal((await store.counts()).waiting, 0)
  },
}

function promisesOf(kind: string, transaction: CallerTransaction): Promises {
  const rolledBack = async (
    subject: StoreSubject,
    work: (using: unknown) => Promise<void>,
  ): Promise<void> => {
    const undone = transaction(subject, async (using) => {
      await work(using)
      throw ROLLBACK
    })
    await assert.rejects(undone)
  }
  return {
    [`${kind}: an entry is there once the caller commits, and not before`]: async (subject) => {
      const { store } = subject
      await store.open()
      const entry = newEntry()
      await transaction(subject, async (using) => {
        const added = await store.add(entry, using)
        assert.deepEqual(added, { id: entry.id, messageId: entry.messageId, isNew: true })
        assert.equal(await store.get(entry.id), undefined)
      })
      assert.equal((await store.counts()).waiting, 1)
      const [lease] = await store.lease(1, 60_000)
      assert.equal(lease?.entry.id, entry.id)
    },

    [`${kind}: an entry is not there if the caller rolls back`]: async (subject) => {
      const { store } = subject
      await store.open()
      const entry = newEntry()
      await rolledBack(subject, async (using) => void (await store.add(entry, using)))
      assert.equal(await store.get(entry.id), undefined)
      assert.deepEqual(await store.lease(1, 60_000), [])
      assert.equal((await store.counts()).waiting, 0)
    },

    [`${kind}: several entries are there together`]: async (subject) => {
      const { store } = subject
      await store.open()
      const entries = Array.from({ length: 20 }, () => newEntry())
      await transaction(subject, async (using) => {
        for (const entry of entries) await store.add(entry, using)
        assert.equal((await store.counts()).waiting, 0)
      })
      assert.equal((await store.counts()).waiting, 20)
    },

    [`${kind}: a key works in a transaction, and is free again after a rollback`]: async (subject) => {
      const { store } = subject
      const first = newEntry({ idempotencyKey: 'first' })
      await store.add(first)
      const second = newEntry({ idempotencyKey: 'second' })
      await rolledBack(subject, async (using) => {
        const known = await store.add(newEntry({ idempotencyKey: 'first' }), using)
        assert.deepEqual(known, { id: first.id, messageId: first.messageId, isNew: false })
        assert.equal((await store.add(second, using)).isNew, true)
        const again = await store.add(newEntry({ idempotencyKey: 'second' }), using)
        assert.deepEqual(again, { id: second.id, messageId: second.messageId, isNew: false })
      })
      await transaction(subject, async (using) => {
        assert.equal((await store.add(newEntry({ idempotencyKey: 'second' }), using)).isNew, true)
      })
      assert.equal((await store.add(newEntry({ idempotencyKey: 'second' }))).isNew, false)
    },

    [`${kind}: large content is there once the caller commits`]: async (subject) => {
      const { store, another } = subject
      await store.open()
      const content = largeContent(500_001)
      const entry = newEntry({ body: bodyOf(content) })
      await transaction(subject, async (using) => void (await store.add(entry, using)))
      const other = another()
      const chunks: Buffer[] = []
      for await (const chunk of other.openBody(entry.id, 0)) chunks.push(Buffer.from(chunk))
      assert.ok(Buffer.concat(chunks).equals(content))
      await other.close()
    },

    [`${kind}: an entry is announced once the caller commits`]: async (subject) => {
      const { store } = subject
      await store.open()
      let heard = 0
      const off = store.onWork(() => heard++)
      let before = 0
      await transaction(subject, async (using) => {
        await store.add(newEntry(), using)
        before = heard
      })
      await until('the store tells that there is work', () => heard > before)
      off()
    },

    [`${kind}: content that cannot be read fails the add, and the caller can go on`]: async (subject) => {
      const { store } = subject
      await store.open()
      const mistake = new Error('the attachment cannot be read')
      const broken = newEntry({
        body: {
          async *open() {
            yield Buffer.from('some')
            throw mistake
          },
        },
      })
      const entry = newEntry()
      await transaction(subject, async (using) => {
        await assert.rejects(store.add(broken, using), (error) => error === mistake)
        await store.add(entry, using)
      })
      assert.equal(await store.get(broken.id), undefined)
      assert.equal((await store.get(entry.id))?.state, 'waiting')
    },
  }
}
