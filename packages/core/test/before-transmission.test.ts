import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  breaker,
  dedupe,
  discard,
  failover,
  limit,
  memory,
  MailError,
  redirect,
  retry,
  roundRobin,
  tee,
  type Transport,
} from '../src/index.ts'
import { toMessage } from '../src/transport.ts'
import { BOB, failureOf, greylisted, refuses, scripted, three, toThree, type Act } from './scripted.ts'

beforeEach(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => {}))
afterEach(() => void vi.restoreAllMocks())

/** A transport that announces each of its attempts. */
function announcing(...script: Act[]): ReturnType<typeof scripted> {
  const inner = scripted(...script)
  return {
    ...inner,
    announcesTransmission: true,
    async send(message, context) {
      await context?.beforeTransmission?.()
      return inner.send(message, context)
    },
  }
}

const refused = new MailError({
  stage: 'submit',
  kind: 'storage',
  permanence: 'permanent',
  delivered: 'none',
})
const keyed = toMessage({ ...three, idempotencyKey: 'one' })

const wrappers: [name: string, make: (inner: Transport) => Transport][] = [
  ['retry()', (inner) => retry(inner, { delayMs: 1 })],
  ['failover()', (inner) => failover(inner, announcing())],
  ['roundRobin()', (inner) => roundRobin(inner, announcing())],
  ['limit()', (inner) => limit(inner, { concurrent: 1 })],
  ['limit() by domain', (inner) => limit(inner, { messages: 1, intervalMs: 1_000, by: 'domain' })],
  ['breaker()', (inner) => breaker(inner)],
  ['dedupe()', (inner) => dedupe(inner)],
  ['redirect()', (inner) => redirect(inner, { to: 'test@example.com' })],
  ['redirect() that allows some', (inner) => redirect(inner, { to: 'test@example.com', allow: [BOB] })],
  ['tee()', (inner) => tee(inner, memory())],
  ['all of them', (inner) => dedupe(retry(failover(breaker(limit(inner, { concurrent: 1 })), announcing())))],
]

describe.each(wrappers)('%s', (_name, make) => {
  it('announces what its transport does', () => {
    expect(make(announcing()).announcesTransmission).toBe(true)
    expect(make(scripted()).announcesTransmission).toBe(false)
  })

  it('passes beforeTransmission on', async () => {
    const inner = announcing()
    let calls = 0
    await make(inner).send(keyed, { beforeTransmission: async () => void calls++ })
    expect(inner.tries.length).toBeGreaterThan(0)
    expect(calls).toBe(inner.tries.length)
  })

  it('fails with what it rejects with, and nothing was sent', async () => {
    const inner = announcing()
    const sending = make(inner).send(keyed, { beforeTransmission: () => Promise.reject(refused) })
    expect(await failureOf(sending)).toMatchObject({ code: 'submit/storage', delivered: 'none' })
    expect(inner.tries).toEqual([])
  })
})

describe('beforeTransmission', () => {
  it('comes for every attempt of retry()', async () => {
    const inner = announcing(refuses(greylisted(BOB)), refuses(greylisted(BOB)))
    let calls = 0
    const beforeTransmission = async (): Promise<void> => void calls++
    await retry(inner, { delayMs: 1 }).send(toMessage({ ...three, to: BOB }), { beforeTransmission })
    expect([calls, inner.tries.length]).toEqual([3, 3])
  })

  it('reaches the transport while somebody watches the attempts', async () => {
    const watch = (): void => {}
    subscribe('tracing:loudmail:attempt:start', watch)
    let calls = 0
    await announcing().send(toThree(), { beforeTransmission: async () => void calls++ })
    await retry(announcing()).send(toThree(), { beforeTransmission: async () => void calls++ })
    unsubscribe('tracing:loudmail:attempt:start', watch)
    expect(calls).toBe(2)
  })

  it.each([
    ['failover()', failover],
    ['roundRobin()', roundRobin],
  ])('is announced by %s only if all of its transports do', (_name, several) => {
    expect(several(announcing(), scripted()).announcesTransmission).toBe(false)
  })

  it('is not for the copy of tee(), which is sent when the message was', async () => {
    const [inner, copy] = [announcing(), announcing()]
    let calls = 0
    const transport = tee(inner, copy)
    await transport.send(toThree(), { beforeTransmission: async () => void calls++ })
    await transport.close!()
    expect([inner.tries.length, copy.tries.length, calls]).toEqual([1, 1, 1])
    expect(tee(announcing(), scripted()).announcesTransmission).toBe(true)
    expect(tee(scripted(), announcing()).announcesTransmission).toBe(false)
  })

  it.each([
    ['memory()', memory()],
    ['discard()', discard()],
  ])('is not called by %s, which does not announce it', async (_name, transport) => {
    let calls = 0
    await transport.send(toThree(), { beforeTransmission: async () => void calls++ })
    expect([calls, transport.announcesTransmission ?? false]).toEqual([0, false])
  })
})
