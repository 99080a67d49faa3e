import assert from 'node:assert/strict'
import { failureOf } from './failing.ts'
import { bodyOf, largeContent, newEntry } from './new-entry.ts'
import type { OutboxStore } from '../store.ts'
import type { Promises } from './options.ts'

const CONTENT = largeContent(3_000_003)

async function read(store: OutboxStore, id: string, from = 0): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of store.openBody(id, from)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

async function assertGone(store: OutboxStore, id: string): Promise<void> {
  assert.equal((await failureOf(read(store, id))).code, 'submit/storage')
}

export const contentPromises: Promises = {
  'large content is there for another process, whole and from any octet': async ({ store, another }) => {
    const entry = newEntry({ body: bodyOf(CONTENT) })
    await store.add(entry)
    const other = another()
    assert.equal((await other.get(entry.id))?.bodySize, CONTENT.length)
    const [lease] = await other.lease(1, 60_000)
    assert.equal(lease?.entry.bodySize, CONTENT.length)
    for (const from of [0, 1, 65_536, 1_234_567, CONTENT.length - 1, CONTENT.length])
      assert.ok((await read(other, entry.id, from)).equals(CONTENT.subarray(from)), `from ${from}`)
    await other.close()
  },

  'the entry is there once its content was read to its end, and its head is asked for then': async ({
    store,
    another,
  }) => {
    const other = another()
    const entry = newEntry()
    const events: string[] = []
    const body = {
      async *open() {
        events.push('open')
        yield CONTENT.subarray(0, 1_000_000)
        assert.equal(await other.get(entry.id), undefined)
        yield CONTENT.subarray(1_000_000)
        events.push('end')
      },
    }
    const head = (): Buffer => {
      events.push('head')
      return Buffer.from('head')
    }
    await store.add({ ...entry, head, body })
    assert.deepEqual(events, ['open', 'end', 'head'])
    assert.ok((await read(other, entry.id)).equals(CONTENT))
    await other.close()
  },

  'content of chunks of any size, also empty ones, is kept': async ({ store }) => {
    const small = newEntry({ body: bodyOf(CONTENT.subarray(0, 1_000), 7) })
    const empty = newEntry({ body: bodyOf(Buffer.alloc(0)) })
    const gaps = newEntry({
      body: {
        async *open() {
          for (const size of [0, 5, 0, 0, 100_000, 0]) yield CONTENT.subarray(0, size)
        },
      },
    })
    for (const entry of [small, empty, gaps]) await store.add(entry)
    assert.ok((await read(store, small.id)).equals(CONTENT.subarray(0, 1_000)))
    assert.equal((await store.get(empty.id))?.bodySize, 0)
    const expected = Buffer.concat([CONTENT.subarray(0, 5), CONTENT.subarray(0, 100_000)])
    assert.ok((await read(store, gaps.id)).equals(expected))
  },

  'content that cannot be read fails the add with its own error, and leaves nothing': async ({ store }) => {
    const mistake = new Error('the attachment cannot be read')
    const entry = newEntry({
      body: {
        async *open() {
          yield CONTENT
          throw mistake
        },
      },
    })
    await assert.rejects(store.add(entry), (error) => error === mistake)
    assert.equal(await store.get(entry.id), undefined)
    await assertGone(store, entry.id)
  },

  'content of an entry whose key is there already is not kept': async ({ store }) => {
    const first = newEntry({ idempotencyKey: 'once', body: bodyOf(CONTENT) })
    const second = newEntry({ idempotencyKey: 'once', body: bodyOf(CONTENT.subarray(0, 100_000)) })
    await store.add(first)
    assert.equal((await store.add(second)).isNew, false)
    await assertGone(store, second.id)
    assert.ok((await read(store, first.id)).equals(CONTENT))
  },

  'content of many entries at the same time does not mix': async ({ store }) => {
    const entries = Array.from({ length: 12 }, (_, index) => {
      const content = CONTENT.subarray(index * 40_000, index * 40_000 + 300_000)
      return { content, entry: newEntry({ body: bodyOf(content, 10_000) }) }
    })
    await Promise.all(entries.map(({ entry }) => store.add(entry)))
    const all = entries.map(async ({ content, entry }) => (await read(store, entry.id)).equals(content))
    assert.ok((await Promise.all(all)).every(Boolean))
  },

  'whoever stops to read content, or aborts, ends that reading alone': async ({ store }) => {
    const entry = newEntry({ body: bodyOf(CONTENT) })
    await store.add(entry)
    for await (const chunk of store.openBody(entry.id, 0)) {
      assert.ok(chunk.byteLength > 0)
      break
    }
    const abort = new AbortController()
    const aborted = (async () => {
      for await (const _ of store.openBody(entry.id, 0, abort.signal)) abort.abort()
    })()
    await assert.rejects(aborted)
    assert.ok((await read(store, entry.id)).equals(CONTENT))
  },

  'content goes with the message of its entry: when it was settled, changed or purged': async ({ store }) => {
    const entries = [1, 2, 3, 4].map((priority) => newEntry({ priority: -priority, body: bodyOf(CONTENT) }))
    for (const entry of entries) await store.add(entry)
    const [sent, discarded, dead, kept] = await store.lease(4, 60_000)
    await store.settle(sent!, { state: 'sent', dropsMessage: true })
    await assertGone(store, sent!.entry.id)
    await store.change(discarded!.entry.id, ['in-flight'], { state: 'discarded', dropsMessage: true })
    await assertGone(store, discarded!.entry.id)
    await store.settle(dead!, { state: 'dead' })
    assert.ok((await read(store, dead!.entry.id)).equals(CONTENT))
    assert.equal(await store.purge(['dead'], Date.now() + 60_000), 1)
    await assertGone(store, dead!.entry.id)
    assert.ok((await read(store, kept!.entry.id)).equals(CONTENT))
  },
}
