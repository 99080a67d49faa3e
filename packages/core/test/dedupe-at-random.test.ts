import { expect, it } from 'vitest'
import {
  dedupe,
  MailError,
  type Delivery,
  type Message,
  type RecipientOutcome,
  type Transport,
} from '../src/index.ts'
import { mailboxKey, toMessage } from '../src/transport.ts'

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What the world knows of a mailbox: how many copies it got, and how many it may have got. */
interface Truth {
  accepted: number
  unknown: number
}

const EVERYBODY = ['a@one.example', 'b@one.example', 'c@two.example', 'd@two.example']
const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}

it.each(Array.from({ length: 40 }, (_, index) => index + 1))(
  'at random (%i): nobody gets a message twice, and each call learns what is true',
  async (seed) => {
    const random = randomOf(seed)
    const pick = (below: number): number => Math.floor(random() * below)
    const world = new Map<string, Truth>()
    /** Who was sent a message that they have, or may have. */
    const seconds: string[] = []
    const seen = new Set<string>()
    const truthOf = (key: string, address: string): Truth => {
      const name = `${key} ${mailboxKey(address)}`
      const truth = world.get(name) ?? { accepted: 0, unknown: 0 }
      world.set(name, truth)
      return truth
    }

    const inner: Transport = {
      name: 'random()',
      async send(message, context): Promise<Delivery> {
        for (let left = pick(6); left > 0 && !context?.signal?.aborted; left--) await turns(1)
        const sentWith = message.idempotencyKey!
        const key = sentWith.split(';')[0]!
        const { to } = message.envelope
        // A server that honours keys would deliver nothing.
        if (seen.has(sentWith)) seconds.push(`${sentWith} again`)
        if (context?.signal?.aborted && random() < 0.7) {
          const recipients = to.map((address) => ({ address, status: 'not-attempted' as const }))
          throw new MailError({ stage: 'queue', kind: 'aborted', recipients })
        }
        const dice = random() < 0.3 ? () => 'accepted' as const : () => STATUSES[pick(STATUSES.length)]!
        const recipients = to.map((address): RecipientOutcome => ({ address, status: dice() }))
        for (const { address, status } of recipients) {
          const truth = truthOf(key, address)
          if (truth.accepted + truth.unknown > 0) seconds.push(`${key} ${address}`)
          if (status === 'accepted') truth.accepted++
          if (status === 'accepted') seen.add(sentWith)
          if (status === 'unknown') truth.unknown++
        }
        if (recipients.every(({ status }) => status === 'accepted'))
          return { transport: 'random()', state: 'sent', failures: [] }
        const inDoubt = recipients.filter(({ status }) => status === 'unknown')
        if (inDoubt.length > 0 && random() < 0.5) {
          // Later, the reply says what became of them.
          const delivered = random() < 0.5
          void turns(pick(8)).then(() => {
            for (const { address } of inDoubt) {
              const truth = truthOf(key, address)
              truth.unknown--
              if (delivered) truth.accepted++
            }
            const settled = recipients.map((each): RecipientOutcome =>
              each.status === 'unknown' ? { ...each, status: delivered ? 'accepted' : 'rejected' } : each,
            )
            context?.late?.(
              settled.every(({ status }) => status === 'accepted')
                ? { transport: 'random()', state: 'sent', failures: [] }
                : new MailError({ stage: 'body', kind: 'rejected', recipients: settled }),
            )
          })
        }
        throw new MailError({ stage: 'rcpt-to', kind: 'rejected', recipients })
      },
    }

    const transport = dedupe(inner, { windowMs: 60_000, most: 1_000 })
    const check = (message: Message, result: Delivery | MailError): void => {
      const key = message.idempotencyKey!
      const outcomes: readonly RecipientOutcome[] = MailError.is(result)
        ? result.recipients
        : message.envelope.to.map((address) => ({ address, status: 'accepted' }))
      expect(outcomes.map(({ address }) => address).toSorted()).toEqual([...message.envelope.to].toSorted())
      for (const { address, status } of outcomes)
        if (status === 'accepted') expect(truthOf(key, address).accepted, `${key} ${address}`).toBe(1)
    }
    const call = async (): Promise<void> => {
      await turns(pick(40))
      const to = EVERYBODY.filter(() => random() < 0.5)
      const message = toMessage({
        from: 'ann@example.com',
        to: to.length > 0 ? to : EVERYBODY[0]!,
        text: 'Hi',
        idempotencyKey: `key-${pick(3)}`,
      })
      const controller = new AbortController()
      if (random() < 0.3) void turns(pick(10)).then(() => controller.abort())
      const result = await transport
        .send(message, { signal: controller.signal })
        .catch((error: unknown) => error)
      check(message, result as Delivery | MailError)
    }
    await Promise.all(Array.from({ length: 60 }, call))
    await turns(20)

    // Whoever could still get the message does: another call goes on until all have it, or nobody knows.
    for (const key of ['key-0', 'key-1', 'key-2']) {
      for (let n = 0; n < 100; n++) {
        const message = toMessage({ from: 'ann@example.com', to: EVERYBODY, text: 'Hi', idempotencyKey: key })
        const result = (await transport.send(message).catch((error: unknown) => error)) as
          | Delivery
          | MailError
        check(message, result)
        for (const { address, status } of MailError.is(result) ? result.recipients : []) {
          const { accepted, unknown } = truthOf(key, address)
          const may = status === 'accepted' || status === 'unknown'
          expect(accepted + unknown, `${key} ${address} ${status}`).toBe(may ? 1 : 0)
        }
        if (
          !MailError.is(result) ||
          result.recipients.every(({ status }) => status === 'accepted' || status === 'unknown')
        )
          break
        await turns(8)
      }
      await turns(8)
    }
    expect(seconds).toEqual([])
    expect([...world.values()].every(({ accepted, unknown }) => accepted + unknown === 1)).toBe(true)
  },
)

const STATUSES = ['accepted', 'accepted', 'rejected', 'not-attempted', 'unknown'] as const
