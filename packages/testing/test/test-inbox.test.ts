import { memory, Mailer } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { testInbox, type InboxSource } from '../src/index.ts'
import { capture, KeptMails } from './capture.ts'

describe('testInbox()', () => {
  it('opens a store, or a transport that has one', async () => {
    const { store, send } = capture()
    await send()
    for (const source of [store, { store }]) {
      expect((await testInbox(source).mails()).map(({ subject }) => subject)).toEqual(['Tea'])
    }
  })

  it('has all mails, including failed ones, the oldest first', async () => {
    const { store, send } = capture()
    await send({ subject: '1' })
    await send({ subject: '2', to: 'bob@full.example' })
    await send({ subject: '3' })
    const mails = await testInbox(store).mails()
    expect(mails.map(({ subject, state }) => [subject, state])).toEqual([
      ['1', 'captured'],
      ['2', 'failed'],
      ['3', 'captured'],
    ])
  })

  it('has all of them, even if a store returns only some at a time', async () => {
    const store = new KeptMails()
    const list = store.list.bind(store)
    store.list = ({ limit = 100, ...query }) => list({ ...query, limit: Math.min(limit, 7) })
    const envelope = { from: '', to: ['ann@rcpt.example'], smtputf8: false }
    for (let n = 0; n < 30; n++)
      store.add({ state: 'sent', envelope, from: '', to: [], subject: String(n), text: '' })
    const mails = await testInbox(store).mails()
    expect(mails.map(({ subject }) => Number(subject))).toEqual(Array.from({ length: 30 }, (_, n) => n))
  })

  it('leaves out mails that are deleted while it reads', async () => {
    const { store, send } = capture()
    await send({ subject: '1' })
    await send({ subject: '2' })
    const get = store.get.bind(store)
    store.get = async (id) => (id === '000002' ? undefined : get(id))
    const inbox = testInbox(store)
    expect((await inbox.mails()).map(({ subject }) => subject)).toEqual(['1'])
    expect((await inbox.last()).subject).toBe('1')
  })

  it('returns the last mail, and says so if there is none', async () => {
    const { store, send } = capture()
    const inbox = testInbox(store)
    await expect(inbox.last()).rejects.toThrow('The inbox is empty: await the send first, or use waitFor()')
    await send({ subject: '1' })
    await send({ subject: '2' })
    expect((await inbox.last()).subject).toBe('2')
  })

  it('is empty after clear, and so is the store', async () => {
    const { store, send } = capture()
    await send()
    const inbox = testInbox(store)
    await inbox.clear()
    expect(await inbox.mails()).toEqual([])
    expect(store.mails).toEqual([])
  })

  it.each<[string, unknown, RegExp]>([
    ['memory()', memory(), /so use debug\(\) from @loudmail\/debug/],
    ['another transport', { name: 'x', send() {} }, /pass the debug\(\) inside it/],
    ['a Mailer', new Mailer({ transport: memory() }), /pass its transport/],
    ['a promise', Promise.resolve(new KeptMails()), /await the promise first/],
    ['a receipt', { ok: true, state: 'sent', durationMs: 1 }, /a receipt is about one send only/],
    ['nothing', undefined, /It received undefined$/],
    [
      'a store without subscribe',
      { list() {}, get() {}, clear() {} },
      /`const transport = debug\(\)` creates one/,
    ],
  ])('says what to pass instead of %s', (_name, source, problem) => {
    const look = () => testInbox(source as InboxSource)
    expect(look).toThrow(TypeError)
    expect(look).toThrow(/^testInbox\(\) needs a debug\(\) transport or its store: /)
    expect(look).toThrow(problem)
  })
})

describe('an inbox for one address', () => {
  it('has only mails whose envelope has the address, in any case, including Bcc', async () => {
    const { store, send } = capture()
    await send({ subject: '1', to: 'Ann <ann@rcpt.example>' })
    await send({ subject: '2', to: 'bob@rcpt.example', bcc: 'ANN@rcpt.example' })
    await send({ subject: '3', to: 'joann@rcpt.example' })
    await send({
      raw: 'To: ann@rcpt.example\r\n\r\n',
      to: undefined,
      envelope: { from: '', to: ['x@y.example'] },
    })
    const inbox = testInbox(store).for('Ann@RCPT.example')
    expect((await inbox.mails()).map(({ subject }) => subject)).toEqual(['1', '2'])
    expect((await inbox.last()).subject).toBe('2')
    await expect(inbox.waitFor({ subject: '3' }, { timeoutMs: 10 })).rejects.toThrow('none among 2 mails')
  })

  it('accepts a name and an international domain', async () => {
    const { store, send } = capture()
    await send({ to: 'ann@bücher.example' })
    for (const address of ['Ann <ann@bücher.example>', 'ann@xn--bcher-kva.example'])
      expect(await testInbox(store).for(address).mails()).toHaveLength(1)
  })

  it('waits for its own mail while others arrive', async () => {
    const { store, send } = capture()
    const waiting = testInbox(store).for('bob@rcpt.example').waitFor({})
    await send({ subject: '1' })
    await send({ subject: '2', to: 'bob@rcpt.example' })
    expect((await waiting).subject).toBe('2')
  })

  it('is cleared without removing the mails of others', async () => {
    const { store, send } = capture()
    await send({ subject: '1', to: ['ann@rcpt.example', 'bob@rcpt.example'] })
    const inbox = testInbox(store)
    const ann = inbox.for('ann@rcpt.example')
    await ann.clear()
    await send({ subject: '2' })
    const subjects = async (one: typeof ann) => (await one.mails()).map(({ subject }) => subject)
    expect(await subjects(ann)).toEqual(['2'])
    expect(await subjects(inbox.for('bob@rcpt.example'))).toEqual(['1'])
    expect(await subjects(inbox)).toEqual(['1', '2'])
  })

  it('of an inbox for another address has the mails of both', async () => {
    const { store, send } = capture()
    await send({ subject: '1' })
    await send({ subject: '2', to: ['ann@rcpt.example', 'bob@rcpt.example'] })
    const both = testInbox(store).for('ann@rcpt.example').for('bob@rcpt.example')
    expect((await both.mails()).map(({ subject }) => subject)).toEqual(['2'])
  })

  it.each(['ann', '', 'ann@rcpt.example, bob@rcpt.example', undefined])('cannot be for %j', (address) => {
    expect(() => testInbox(new KeptMails()).for(address as string)).toThrow(
      /^the argument of for\(\) must be one address, ann@example\.com or Ann <ann@example\.com>, but is /,
    )
  })
})
