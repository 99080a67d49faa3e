import type { MessageInput } from '@loudmail/core'
import { Random } from '../../chaos/src/random.ts'

/** `ok`: accepted. `later`: refused for now the first time. `no`: refused for good. */
export type RecipientKind = 'ok' | 'later' | 'no'

/** One message of a scene: the seed and its number decide it, in every process. */
export interface MessagePlan {
  readonly number: number
  readonly recipients: readonly { readonly address: string; readonly kind: RecipientKind }[]
  /** Octets of its attachment; 0 for none. */
  readonly octets: number
  /** How long after it was enqueued it is sent, in ms. */
  readonly delayMs: number
  readonly priority: number
  /** Two processes enqueue it, with the same idempotency key, and do so again if they die meanwhile. */
  readonly hasKey: boolean
  readonly through: 'mailer' | 'enqueue'
}

/** More than goes out in one write. */
export const LARGE = 300 * 1024

export function messagePlan(seed: number, scene: number, number: number): MessagePlan {
  const random = new Random('message', seed, scene, number)
  const kinds = kindsOf(random)
  return {
    number,
    recipients: kinds.map((kind, index) => ({ address: `${kind}-${number}-${index}@rcpt.test`, kind })),
    octets: random.chance(0.03) ? LARGE : 0,
    delayMs: random.chance(0.1) ? random.whole(100, 1_500) : 0,
    priority: random.chance(0.2) ? random.whole(-5, 5) : 0,
    hasKey: random.chance(0.1),
    through: random.one(['mailer', 'enqueue']),
  }
}

function kindsOf(random: Random): readonly RecipientKind[] {
  if (random.chance(0.7)) return ['ok']
  const kinds: readonly RecipientKind[] = ['ok', 'ok', 'later', 'no']
  return Array.from({ length: random.whole(1, 4) }, () => random.one(kinds))
}

/** What an application writes. Its reverse-path says which message of the scene it is. */
export function inputOf({ number, recipients, octets, hasKey }: MessagePlan): MessageInput {
  return {
    from: senderOf(number),
    to: recipients.map(({ address }) => address),
    subject: `Message ${number}`,
    text: `This is message ${number}.`,
    ...(octets > 0 && { attachments: [{ filename: 'large.bin', content: Buffer.alloc(octets, 'x') }] }),
    ...(hasKey && { idempotencyKey: `key-${number}` }),
  }
}

export function senderOf(number: number): string {
  return `m${number}@sender.test`
}

/** @returns the number of the message with this reverse-path */
export function numberOf(sender: string): number {
  return Number(/^m(\d+)@/.exec(sender)![1])
}

/** The mail about an order. */
export function orderPlan(seed: number, number: number): MessagePlan {
  const recipients = [{ address: `ok-${number}-0@rcpt.test`, kind: 'ok' as const }]
  const plan = messagePlan(seed, 0, number)
  return { ...plan, recipients, hasKey: false, delayMs: 0, priority: 0 }
}

export function isRolledBack(seed: number, number: number): boolean {
  return new Random('order', seed, number).chance(0.3)
}
