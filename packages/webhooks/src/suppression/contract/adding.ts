import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Suppression, SuppressionStore } from '../suppression.ts'
import { AT, BOB, failureOf, suppression, users, type Promises } from './example.ts'

const soon = (ms: number): Date => new Date(Date.now() + ms)

/** All orders of the same suppressions, each in a new address. */
async function addInEveryOrder(store: SuppressionStore, all: readonly Partial<Suppression>[]): Promise<void> {
  const orders =
    all.length === 2
      ? [
          [0, 1],
          [1, 0],
        ]
      : [
          [0, 1, 2],
          [0, 2, 1],
          [1, 0, 2],
          [1, 2, 0],
          [2, 0, 1],
          [2, 1, 0],
        ]
  const [strongest] = all
  for (const order of orders) {
    const address = `order${order.join('')}@rcpt.example`
    for (const place of order) await store.add(suppression({ ...all[place], address }))
    assert.deepEqual(await store.find([address]), [suppression({ ...strongest, address })])
    await store.remove(address)
  }
}

export const addingPromises: Promises = {
  'nobody is on an empty list': async ({ store }) => {
    assert.deepEqual(await store.find([BOB]), [])
    assert.deepEqual(await store.find([]), [])
  },

  'who was added is found, with all that is known': async ({ store }) => {
    const all = suppression({ code: 'rcpt-to/mailbox-unknown', from: 'postmark', until: soon(86_400_000) })
    const plain = suppression({ address: 'carol@rcpt.example', reason: 'manual' })
    await store.add(all)
    await store.add(plain)
    assert.deepEqual(await store.find([BOB, 'dave@rcpt.example']), [all])
    assert.deepEqual(await store.find(['carol@rcpt.example']), [plain])
  },

  'addresses are compared as mailboxes, without case': async ({ store }) => {
    const same = [
      ['bob@rcpt.example', 'Bob@RCPT.Example'],
      ['"carol"@rcpt.example', 'carol@rcpt.example'],
      ['dave@bücher.example', 'dave@xn--bcher-kva.example'],
      ['jörg@rcpt.example', 'jörg@Rcpt.example'],
    ] as const
    for (const [one, other] of same) {
      await store.add(suppression({ address: one }))
      assert.equal((await store.find([other])).length, 1, other)
      await store.add(suppression({ address: other }))
    }
    assert.equal((await store.list()).length, same.length)
    assert.deepEqual(await store.find(['rob@rcpt.example', 'bob@other.example', 'bob']), [])
    for (const [, other] of same) assert.equal(await store.remove(other), true, other)
    assert.deepEqual(await store.list(), [])
  },

  'many are added, and found among others with one call': async ({ store }) => {
    const all = users(2_000)
    const listed = all.filter((_, n) => n % 2 === 0)
    await store.add(listed.map((address) => suppression({ address })))
    const found = await store.find(all.slice(0, 1_000))
    assert.deepEqual(new Set(found.map(({ address }) => address)), new Set(listed.slice(0, 500)))
    assert.equal(found.length, 500)
    await store.add([])
  },

  'an address that is asked for twice is found once': async ({ store }) => {
    await store.add(suppression())
    assert.equal((await store.find([BOB, BOB, 'bob@RCPT.example'])).length, 1)
  },

  'the one that lasts longer stays, in whichever order they come': async ({ store }) => {
    const until = soon(86_400_000)
    await addInEveryOrder(store, [{}, { until: soon(90_000_000) }, { until, reason: 'complained' }])
  },

  'the graver reason stays, in whichever order they come': async ({ store }) => {
    await addInEveryOrder(store, [
      { reason: 'complained' },
      { reason: 'unsubscribed' },
      { reason: 'bounced' },
    ])
    await addInEveryOrder(store, [{ reason: 'manual' }, { reason: 'bounced' }])
  },

  'of two with the same reason, the older one stays, in whichever order they come': async ({ store }) => {
    await addInEveryOrder(store, [{ from: 'ses' }, { from: 'resend', at: new Date(AT.getTime() + 1) }])
  },

  'a suppression whose time is over is not on the list any more': async ({ store }) => {
    await store.add([
      suppression({ until: soon(-1) }),
      suppression({ address: 'carol@rcpt.example', until: soon(200) }),
    ])
    assert.deepEqual(await store.find([BOB]), [])
    while ((await store.find(['carol@rcpt.example'])).length > 0) await nextTurn()
    assert.deepEqual(await store.list(), [])
    assert.equal(await store.remove('carol@rcpt.example'), false)
    // It does not keep a weaker one away.
    const next = suppression({ address: 'carol@rcpt.example', until: soon(86_400_000) })
    await store.add(next)
    assert.deepEqual(await store.find(['carol@rcpt.example']), [next])
  },

  'what is not valid is refused with what to change, and nothing of it is added': async ({ store }) => {
    const cases: [changes: object, code: string, words: RegExp][] = [
      [{ address: 'bob' }, 'compose/invalid-address', /no @/],
      [{ address: '' }, 'compose/invalid-address', /empty/],
      [{ address: 'a@b.example, c@d.example' }, 'compose/invalid-address', /address/],
      [{ address: undefined }, 'compose/invalid-address', /address/],
      [{ reason: 'blocked' }, 'config/invalid-config', /bounced, manual, unsubscribed, complained/],
      [{ at: '2026-11-20' }, 'config/invalid-config', /at: a Date/],
      [{ at: new Date(Number.NaN) }, 'config/invalid-config', /at: a Date/],
      [{ until: 5 }, 'config/invalid-config', /until/],
      [{ code: 550 }, 'config/invalid-config', /code/],
      [{ from: 'x'.repeat(300) }, 'config/invalid-config', /from/],
      [{ since: AT }, 'config/invalid-config', /since/],
    ]
    for (const [changes, code, words] of cases) {
      const wrong = { ...suppression(), ...changes } as Suppression
      const error = await failureOf(store.add([suppression({ address: 'carol@rcpt.example' }), wrong]))
      assert.equal(error.code, code)
      assert.match(error.message, words)
    }
    assert.deepEqual(await store.list(), [])
  },
}
