import { getEventListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { testInbox, type MailMatch, type WaitOptions } from '../src/index.ts'
import { capture } from './capture.ts'

afterEach(() => vi.useRealTimers())

describe('waitFor()', () => {
  it('returns a mail that has already arrived', async () => {
    const { store, send } = capture()
    await send({ subject: 'Welcome' })
    await send({ subject: 'Welcome', text: 'The second' })
    expect(await testInbox(store).waitFor({ subject: 'Welcome' })).toMatchObject({ text: 'It is ready.' })
  })

  it('returns a later mail as soon as it arrives', async () => {
    const { store, send } = capture()
    const waiting = testInbox(store).waitFor({ subject: 'Welcome' }, { timeoutMs: 60_000 })
    await delay(20)
    await send({ subject: 'Tea' })
    await send({ subject: 'Welcome' })
    expect((await waiting).subject).toBe('Welcome')
  })

  it('returns a mail that arrives while it reads the others', async () => {
    const { store, send } = capture()
    const list = store.list.bind(store)
    store.list = async (query) => {
      const found = await list(query)
      await send({ subject: 'Welcome' })
      return found
    }
    expect((await testInbox(store).waitFor({ subject: 'Welcome' })).subject).toBe('Welcome')
  })

  it('gives two waiting tests their own mail each, or the same mail to both', async () => {
    const { store, send } = capture()
    const inbox = testInbox(store)
    const waiting = [
      inbox.waitFor({ subject: 'One' }),
      inbox.waitFor({ subject: 'Two' }),
      inbox.waitFor(({ subject }) => subject !== 'Tea'),
    ]
    for (const subject of ['Tea', 'Two', 'One']) await send({ subject })
    expect((await Promise.all(waiting)).map(({ subject }) => subject)).toEqual(['One', 'Two', 'Two'])
  })

  it('serves a hundred tests on one store', async () => {
    const { store, send } = capture()
    const people = Array.from({ length: 100 }, (_, n) => `user${n}@rcpt.example`)
    const waiting = people.map((to) => testInbox(store).waitFor({ to }))
    await Promise.all(people.toReversed().map((to) => send({ to, subject: `For ${to}` })))
    expect((await Promise.all(waiting)).map(({ subject }) => subject)).toEqual(
      people.map((to) => `For ${to}`),
    )
    expect(store.listeners.size).toBe(0)
  })

  it('continues when the store is cleared', async () => {
    const { store, send } = capture()
    const inbox = testInbox(store)
    const waiting = inbox.waitFor({ subject: 'Welcome' })
    await send()
    await inbox.clear()
    await send({ subject: 'Welcome' })
    expect((await waiting).subject).toBe('Welcome')
  })

  it('ignores failed sends, unless a state is given', async () => {
    const { store, send } = capture()
    await send({ to: 'ann@full.example' })
    const inbox = testInbox(store)
    await expect(inbox.waitFor({ subject: 'Tea' }, { timeoutMs: 10 })).rejects.toThrow('Waited 10 ms')
    expect(await inbox.waitFor({ subject: 'Tea', state: 'failed' })).toMatchObject({
      code: 'rcpt-to/mailbox-full',
    })
    expect(await inbox.waitFor(({ code }) => code !== undefined)).toMatchObject({ state: 'failed' })
  })

  it('accepts a send that failed in part for the recipients that have it', async () => {
    const { store, send } = capture()
    await send({ to: ['ann@rcpt.example', 'bob@full.example'] })
    const inbox = testInbox(store)
    const mail = await inbox.waitFor({ to: 'ann@rcpt.example' })
    expect(mail).toMatchObject({
      state: 'failed',
      envelope: { to: ['ann@rcpt.example', 'bob@full.example'] },
    })
    await expect(inbox.waitFor({ to: 'bob@full.example' }, { timeoutMs: 10 })).rejects.toThrow('Waited 10 ms')
  })

  it('lists after the timeout what was found instead, with the codes of failed sends', async () => {
    const { store, send } = capture()
    await send({ subject: 'Welcome aboard' })
    await send({ subject: 'Welcome', to: ['bob@full.example', 'carol@rcpt.example'] })
    await send({ subject: 'Goodbye', to: 'dave@lost.example' })
    const problem = await testInbox(store)
      .waitFor({ to: 'ann@rcpt.example', subject: 'Welcome' }, { timeoutMs: 20 })
      .catch((error: Error) => error.message)
    expect(problem).toBe(
      [
        "Waited 20 ms for a mail with { to: 'ann@rcpt.example', subject: 'Welcome' }.",
        'Found:  none among 3 mails',
        "  1. captured: 'Welcome aboard' to ann@rcpt.example",
        "  2. failed in part with rcpt-to/mailbox-full: 'Welcome' to bob@full.example (rejected), carol@rcpt.example (accepted)",
        "  3. failed with body/connection-lost: 'Goodbye' to dave@lost.example (unknown)",
        'Nearest is 2:',
        "  to is carol@rcpt.example, not 'ann@rcpt.example'",
      ].join('\n'),
    )
  })

  it('says so if there was nothing', async () => {
    const waiting = testInbox(capture().store).waitFor((mail) => mail.codes.length > 0, { timeoutMs: 10 })
    await expect(waiting).rejects.toThrow(
      'Waited 10 ms for a mail for which (mail) => mail.codes.length > 0 is true.\nFound:  none among 0 mails',
    )
  })

  it('waits for 5 seconds by default', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { store } = capture()
    const outcome = vi.fn<(error: Error) => void>()
    const waiting = testInbox(store).waitFor({}).catch(outcome)
    await vi.advanceTimersByTimeAsync(4_999)
    expect(outcome).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await waiting
    expect(outcome).toHaveBeenCalled()
  })

  it('can wait forever', async () => {
    const { store, send } = capture()
    const waiting = testInbox(store).waitFor({}, { timeoutMs: Infinity })
    await delay(20)
    await send()
    expect((await waiting).subject).toBe('Tea')
  })

  it('leaves no timer and no listener behind, however it ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { store, send } = capture()
    const inbox = testInbox(store)
    const { signal } = new AbortController()
    const aborting = new AbortController()
    const late = inbox.waitFor({}, { timeoutMs: 10, signal }).catch(() => 'late')
    await vi.advanceTimersByTimeAsync(10)
    expect(await late).toBe('late')
    await send()
    const before = vi.getTimerCount()
    const waiting = inbox.waitFor({ subject: 'Never' }, { signal: aborting.signal })
    expect([vi.getTimerCount(), store.listeners.size]).toEqual([before + 1, 1])
    aborting.abort()
    await expect(waiting).rejects.toThrow('aborted')
    await inbox.waitFor({}, { signal })
    await expect(inbox.waitFor(() => assertNever(), { signal })).rejects.toThrow('never')
    expect(vi.getTimerCount()).toBe(before)
    expect(store.listeners.size).toBe(0)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(getEventListeners(aborting.signal, 'abort')).toEqual([])
  })

  it('rejects with the reason of its signal, even if it aborted before', async () => {
    const { store } = capture()
    const inbox = testInbox(store)
    const stop = new AbortController()
    const waiting = inbox.waitFor({}, { signal: stop.signal })
    stop.abort(new Error('the test is over'))
    await expect(waiting).rejects.toThrow('the test is over')
    await expect(inbox.waitFor({}, { signal: stop.signal })).rejects.toThrow('the test is over')
  })

  it('finds a mail that its store did not report', async () => {
    const { store, send } = capture()
    store.subscribe = () => () => {}
    const waiting = testInbox(store).waitFor({}, { timeoutMs: 50 })
    await delay(10)
    await send()
    expect((await waiting).subject).toBe('Tea')
  })

  it('fails with the error of its store, or of its function', async () => {
    const { store, send } = capture()
    await send()
    const inbox = testInbox(store)
    await expect(inbox.waitFor(() => assertNever())).rejects.toThrow('never')
    store.list = () => Promise.reject(new Error('the disk is full'))
    await expect(inbox.waitFor({})).rejects.toThrow('the disk is full')
  })

  it.each<[string, unknown, unknown, string]>([
    ['nothing', undefined, {}, 'waitFor() needs a shape or a function; {} matches any mail'],
    ['a text', 'Welcome', {}, 'waitFor() takes an object with any of to, from, subject'],
    ['an array', [{ subject: 'x' }], {}, 'waitFor() takes an object with any of to, from, subject'],
    [
      'a misspelled option',
      {},
      { timeout: 5 },
      'waitFor() has no option "timeout"; it has timeoutMs, signal',
    ],
    ['a number as options', {}, 500, 'waitFor() takes options such as { timeoutMs: 500 }, but received 500'],
    [
      'a negative time',
      {},
      { timeoutMs: -1 },
      'timeoutMs of waitFor() must be a number, 0 or more, but is -1',
    ],
    [
      'a time as text',
      {},
      { timeoutMs: '5' },
      "timeoutMs of waitFor() must be a number, 0 or more, but is '5'",
    ],
    [
      'a controller as signal',
      {},
      { signal: new AbortController() },
      'signal of waitFor() must be an AbortSignal',
    ],
    ['an async function', async () => true, {}, 'the function of waitFor() must return its answer directly'],
  ])('says what to change if it gets %s', async (_name, match, options, problem) => {
    const { store, send } = capture()
    await send()
    const waiting = testInbox(store).waitFor(match as MailMatch, options as WaitOptions)
    await expect(waiting).rejects.toThrow(TypeError)
    await expect(waiting).rejects.toThrow(problem)
  })
})

function assertNever(): never {
  throw new Error('never')
}
