import { join } from 'node:path'
import { Mailer, memory } from '@loudmail/core'
import { expect, it, onTestFinished } from 'vitest'
import { outbox, sqlite, worker, type Outbox, type OutboxOptions } from '../src/index.ts'
import { temporaryFolder } from './temporary.ts'

function newBox(): Outbox {
  const box = outbox(memory(), { store: sqlite(join(temporaryFolder(), 'mail.db')) })
  onTestFinished(() => box.close?.())
  return box
}

const refusal = (text: RegExp): unknown =>
  expect.objectContaining({ code: 'config/invalid-config', message: expect.stringMatching(text) })

const store = sqlite('mail.db')
it.each<[unknown, unknown, RegExp]>([
  [undefined, { store }, /needs a transport/],
  ['smtp://ann:sesame@mail.example', { store }, /^(?!.*sesame).*needs a transport/],
  [new Mailer({ transport: memory() }), { store }, /needs a transport/],
  [memory(), undefined, /an object with options/],
  [memory(), { store: 'mail.db' }, /needs a store/],
  [memory(), { store, worker: true }, /Did you mean work\?/],
  [memory(), { store, work: null }, /worker\(\) needs an object/],
  [memory(), { store, keepSentMs: -1 }, /keepSentMs/],
  [memory(), { store, encryption: '' }, /encryption needs an object/],
  [memory(), { store, encryption: { keys: { first: undefined } } }, /"first"/],
])('outbox(%o, %o) is refused when it is created', (transport, options, text) => {
  expect(() => outbox(transport as Outbox, options as OutboxOptions)).toThrow(refusal(text))
})

it.each([undefined, store, new Mailer({ transport: memory() })])('worker(%o) is refused', (given) => {
  expect(() => worker(given as never)).toThrow(refusal(/needs an outbox/))
})

it('only what is over can be purged: what waits is never removed by mistake', async () => {
  const box = newBox()
  await box.enqueue({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hi' })
  const before = new Date(Date.now() + 60_000)
  for (const wrong of [
    { before, states: ['waiting'] },
    { before, states: 'sent' },
    { before, state: ['sent'] },
    { before: 'yesterday' },
    { before: new Date(NaN) },
    undefined,
  ])
    await expect(box.purge(wrong as never)).rejects.toEqual(refusal(/purge\(\)/))
  expect((await box.counts()).waiting).toBe(1)
})

it('a doubt is only settled by one of the two answers', async () => {
  const box = newBox()
  const { id } = await box.enqueue({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hi' })
  const [lease] = await box.store.lease(1, 60_000)
  await box.store.settle(lease!, { state: 'in-doubt' })
  await expect(box.resolve(id, 'Delivered' as never)).rejects.toEqual(refusal(/'delivered' or/))
  expect((await box.get(id))?.state).toBe('in-doubt')
})

it('a list of a state that does not exist is not an empty list', async () => {
  async function list(options: object): Promise<unknown[]> {
    const found: unknown[] = []
    for await (const entry of newBox().list(options)) found.push(entry)
    return found
  }
  await expect(list({ state: 'failed' })).rejects.toEqual(refusal(/one of waiting/))
  await expect(list({ status: 'dead' })).rejects.toEqual(refusal(/Did you mean state\?/))
  expect(await list({ state: undefined })).toEqual([])
})
