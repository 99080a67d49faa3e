import { describe, expect, it } from 'vitest'
import {
  failover,
  MailError,
  retry,
  type Message,
  type RecipientOutcome,
  type Transport,
} from '../src/index.ts'
import { toMessage } from '../src/transport.ts'
import { accepted, greylisted, lost, noSuchUser, notAttempted, unknown } from './scripted.ts'

const SEEDS = 500
const ADDRESSES = Array.from({ length: 5 }, (_, n) => `r${n}@example.com`)

/** Random numbers that are the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A server that fails at random. It knows who has the message, and drops what has a key that it has seen. */
function randomServer(random: () => number, honours: boolean) {
  const attempts: Message[] = []
  const copies = new Map<string, number>()
  const seen = new Set<string>()
  const told: RecipientOutcome[][] = []
  const OUTCOMES = [
    greylisted,
    (to: string): RecipientOutcome => ({ ...greylisted(to), retryAfterMs: Math.ceil(random() * 3) }),
    (to: string): RecipientOutcome => ({ ...greylisted(to), kind: 'server-error' }),
    noSuchUser,
    notAttempted,
  ]
  const deliver = ({ idempotencyKey: key }: Message, to: readonly string[]): void => {
    if (honours && key !== undefined && seen.has(key)) return
    if (key !== undefined) seen.add(key)
    for (const address of to) copies.set(address, (copies.get(address) ?? 0) + 1)
  }
  const transport: Transport = {
    name: 'random()',
    honoursIdempotencyKey: honours,
    async send(message) {
      attempts.push(message)
      const { to } = message.envelope
      const dice = random()
      if (dice < 0.15) {
        told.push(to.map(notAttempted))
        throw lost(message)!
      }
      const refused = to.filter(() => random() < 0.4)
      const taken = to.filter((address) => !refused.includes(address))
      // In doubt: it has all of the content, or not.
      const isInDoubt = dice < 0.5
      if (taken.length > 0 && (!isInDoubt || random() < 0.5)) deliver(message, taken)
      const recipients = to.map((address) => {
        if (!refused.includes(address)) return isInDoubt ? unknown(address) : accepted(address)
        return OUTCOMES[Math.floor(random() * OUTCOMES.length)]!(address)
      })
      told.push(recipients)
      if (recipients.every(({ status }) => status === 'accepted'))
        return { transport: 'random()', state: 'sent', failures: [] }
      throw new MailError({ stage: 'body', kind: 'mixed', recipients })
    },
  }
  return { transport, attempts, copies, told }
}

async function play(seed: number, honours: boolean, key: string | undefined, arrange: Arrange) {
  const random = randomOf(seed)
  const server = randomServer(random, honours)
  const attempts = 1 + Math.floor(random() * 4)
  const message = toMessage({
    from: 'ann@example.com',
    to: ADDRESSES.slice(0, 1 + Math.floor(random() * ADDRESSES.length)),
    text: 'Hi',
    idempotencyKey: key,
  })
  const options = { attempts, delayMs: 0, budget: false } as const
  const transport = arrange(server.transport, (inner) => retry(inner, options))
  const error = await transport.send(message).then(
    () => undefined,
    (thrown: unknown) => thrown as MailError,
  )
  return { ...server, allowed: attempts, message, error }
}

/** How wrappers stand around the server. */
type Arrange = (server: Transport, again: (inner: Transport) => Transport) => Transport

describe.each<[title: string, honours: boolean, key: string | undefined, arrange?: Arrange]>([
  ['without a key', false, undefined],
  ['with a key that nobody honours', false, 'key'],
  ['with a key', true, 'key'],
  ['with a key, retry() around retry()', true, 'key', (server, again) => again(again(server))],
  ['with a key, failover() to the same server', true, 'key', (server) => failover(server, server)],
  [
    'with a key, failover() around failover()',
    true,
    'key',
    (server) => failover([failover([server, server], { skipMs: 0 }), server, server], { skipMs: 0 }),
  ],
  [
    'with a key, retry() around failover()',
    true,
    'key',
    (server, again) => again(failover([server, server], { skipMs: 0 })),
  ],
])('%s, for every random server', (_title, honours, key, arrange) => {
  const mayRepeat = honours && key !== undefined

  it(`${SEEDS} sends`, async () => {
    let retries = 0
    let repeats = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { attempts, copies, told, allowed, message, error } = await play(
        seed,
        honours,
        key,
        arrange ?? ((server, again) => again(server)),
      )
      const where = `seed ${seed}`
      retries += attempts.length - 1
      const all = message.envelope.to
      // Each recipient has at most as many attempts as allowed, and none after it may have the message.
      for (const address of all) {
        const own = attempts.flatMap(({ envelope }, n) => (envelope.to.includes(address) ? [n] : []))
        if (!arrange) expect(own.length, where).toBeLessThanOrEqual(allowed)
        for (const n of own.slice(0, -1)) {
          const { status } = told[n]!.find((each) => each.address === address)!
          expect(status, where).not.toBe('accepted')
          if (status === 'unknown') repeats++
          if (!mayRepeat) expect(status, where).not.toBe('unknown')
        }
        expect(copies.get(address) ?? 0, where).toBeLessThanOrEqual(1)
      }
      // Exactly one outcome for each, and it agrees with what the server did.
      if (error)
        expect(error.recipients.map((each) => each.address).toSorted(), where).toEqual([...all].toSorted())
      const outcomes = error?.recipients ?? all.map(accepted)
      for (const { address, status } of outcomes) {
        const has = copies.get(address) ?? 0
        if (status === 'accepted') expect(has, `${where} ${address}`).toBe(1)
        else if (status !== 'unknown') expect(has, `${where} ${address}`).toBe(0)
      }
      // Nobody is in two attempts at once: each envelope is a part of the whole one, without repetition.
      for (const { envelope } of attempts) {
        expect(new Set(envelope.to).size, where).toBe(envelope.to.length)
        expect(all, where).toEqual(expect.arrayContaining([...envelope.to]))
      }
    }
    expect(retries).toBeGreaterThan(arrange ? SEEDS / 10 : SEEDS / 2)
    if (arrange) return
    if (mayRepeat) expect(repeats).toBeGreaterThan(SEEDS / 10)
    else expect(repeats).toBe(0)
  })
})
