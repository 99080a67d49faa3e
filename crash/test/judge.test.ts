import type { OutboxEntry } from '@loudmail/outbox'
import { describe, expect, it } from 'vitest'
import type { Line } from '../src/journal.ts'
import { contradictionsOfLeases } from '../src/judge-leases.ts'
import { judge } from '../src/judge.ts'
import { messagePlan, senderOf, type RecipientKind } from '../src/message-plan.ts'
import { scenePlan, type ScenePlan } from '../src/scene-plan.ts'

const SEED = 1
const ID = 'an id'
const MESSAGE_ID = '<one@sender.test>'
type Status = OutboxEntry['recipients'][number]['status']

/** A message of the seed whose only recipient is of this kind. */
function numberOfOne(kind: RecipientKind): number {
  for (let number = 0; number < 1_000; number++) {
    const { recipients, delayMs } = messagePlan(SEED, 0, number)
    if (recipients.length === 1 && recipients[0]!.kind === kind && delayMs === 0) return number
  }
  throw new Error(`the seed has no message that is ${kind}`)
}

interface Found {
  readonly kind?: RecipientKind
  readonly inDoubt?: ScenePlan['inDoubt']
  /** `undefined`: it is not in the outbox. */
  readonly status?: Status | undefined
  readonly state?: OutboxEntry['state']
  /** How many copies the server took. */
  readonly copies?: number
  readonly isSettled?: boolean
  readonly isDoubted?: boolean
  readonly copy?: Partial<Extract<Line, { what: 'accepted' }>>
  readonly failed?: { readonly isKept: boolean }
}

function contradictionsOf({
  kind = 'ok',
  inDoubt = 'park',
  copies = 0,
  isSettled = true,
  ...found
}: Found): readonly string[] {
  const number = numberOfOne(kind)
  const plan = { ...scenePlan(SEED, 0, { inDoubt, messages: number + 1, kills: 0 }) }
  const address = messagePlan(SEED, 0, number).recipients[0]!.address
  const { status } = found
  const ends = {
    accepted: 'sent',
    unknown: 'in-doubt',
    rejected: 'dead',
    'not-attempted': 'waiting',
  } as const
  const entry = status && {
    id: ID,
    messageId: MESSAGE_ID,
    from: senderOf(number),
    state: found.state ?? ends[status],
    createdAt: new Date(0),
    recipients: [{ address, status }],
  }
  const accepted: Line = {
    what: 'accepted',
    number,
    messageId: MESSAGE_ID,
    recipients: [address],
    octets: 1_000,
    isWhole: true,
    at: 1,
    life: 'life-1',
    ...found.copy,
  }
  const journal: Line[] = [
    { what: 'started', number, dueAt: 0 },
    ...(isSettled ? [{ what: 'settled', number, id: ID, messageId: MESSAGE_ID } as const] : []),
    ...(found.failed ? [{ what: 'failed', number, code: 'submit/storage', ...found.failed } as const] : []),
    ...(found.isDoubted
      ? [{ what: 'leased', id: ID, life: 'life-2', at: 0, until: 1, isInDoubt: true } as const]
      : []),
    ...Array.from({ length: copies }, () => accepted),
  ]
  return judge(plan, entry ? [entry as unknown as OutboxEntry] : [], journal).contradictions
}

describe('the judge of a scene', () => {
  it.each<[string, Found, isTrue: boolean]>([
    ['sent, and taken once', { status: 'accepted', copies: 1 }, true],
    ['sent, and not taken', { status: 'accepted' }, false],
    ['sent, and taken twice', { status: 'accepted', copies: 2 }, false],
    ['in doubt, and taken', { status: 'unknown', copies: 1 }, true],
    ['in doubt, and not taken', { status: 'unknown' }, true],
    ['in doubt, and taken twice', { status: 'unknown', copies: 2 }, false],
    ['in doubt, though it is to be sent again', { status: 'unknown', inDoubt: 'resend' }, false],
    [
      'sent again, after it was in doubt',
      { status: 'accepted', copies: 2, isDoubted: true, inDoubt: 'resend' },
      true,
    ],
    ['sent again, though it was not in doubt', { status: 'accepted', copies: 2, inDoubt: 'resend' }, false],
    ['sent again under `park`', { status: 'accepted', copies: 2, isDoubted: true }, false],
    ['refused for good', { kind: 'no', status: 'rejected' }, true],
    ['refused for good, and taken', { kind: 'no', status: 'rejected', copies: 1 }, false],
    ['refused, though the server takes it', { status: 'rejected' }, false],
    ['refused for now, and given up', { kind: 'later', status: 'rejected' }, false],
    ['refused for now, and taken later', { kind: 'later', status: 'accepted', copies: 1 }, true],
    ['left waiting', { status: 'not-attempted' }, false],
    ['sent, but in flight', { status: 'accepted', copies: 1, state: 'in-flight' }, false],
    ['lost after send() had settled', {}, false],
    ['never kept, because send() had not settled', { isSettled: false }, true],
    ['not in the outbox, but taken', { isSettled: false, copies: 1 }, false],
    [
      'kept, though send() failed and said it is not',
      { isSettled: false, failed: { isKept: false }, status: 'accepted', copies: 1 },
      false,
    ],
    [
      'kept, and send() failed and said it may be',
      { isSettled: false, failed: { isKept: true }, status: 'accepted', copies: 1 },
      true,
    ],
    [
      'sent with another Message-ID',
      { status: 'accepted', copies: 1, copy: { messageId: '<two@sender.test>' } },
      false,
    ],
    ['sent without some of its content', { status: 'accepted', copies: 1, copy: { isWhole: false } }, false],
    ['sent before its time', { status: 'accepted', copies: 1, copy: { at: -1 } }, false],
  ])('%s', (_, found, isTrue) => {
    const contradictions = contradictionsOf(found)
    expect(contradictions.length === 0, contradictions.join('; ')).toBe(isTrue)
  })
})

describe('the judge of leases', () => {
  const leased = (life: string, at: number): Line => ({
    what: 'leased',
    id: ID,
    life,
    at,
    until: at + 1_000,
    isInDoubt: false,
  })
  const extended = (life: string, until: number): Line => ({ what: 'extended', id: ID, life, until })
  const ending = (life: string): Line => ({ what: 'ending', id: ID, life })
  const ended = (life: string): Line => ({ what: 'ended', id: ID, life })
  const one = 'life-1'
  const two = 'life-2'
  it.each<[string, readonly Line[], isTrue: boolean]>([
    [
      'one worker after the other',
      [leased(one, 0), ending(one), ended(one), leased(two, 10), ending(two), ended(two)],
      true,
    ],
    [
      'a second one before the first was told that it ended',
      [leased(one, 0), ending(one), leased(two, 10), ended(one)],
      true,
    ],
    ['two at once', [leased(one, 0), leased(two, 999)], false],
    ['two at once, of which the first was written down late', [leased(two, 999), leased(one, 0)], false],
    ['one that was written down after the next one', [leased(two, 1_000), leased(one, 0)], true],
    ['a second one after the time of the first', [leased(one, 0), leased(two, 1_000)], true],
    [
      'a second one in the time that the first was given',
      [leased(one, 0), extended(one, 1_500), leased(two, 1_400)],
      false,
    ],
    ['a second one after that time', [leased(one, 0), extended(one, 1_500), leased(two, 1_500)], true],
    [
      'the first one ends what the second one has',
      [leased(one, 0), leased(two, 1_000), ending(one), ended(one)],
      false,
    ],
    [
      'the first one tries to end what the second one has',
      [leased(one, 0), leased(two, 1_000), ending(one), ending(two), ended(two)],
      true,
    ],
    [
      'the first one ends what the second one parked meanwhile',
      [leased(one, 0), leased(two, 1_000), ending(one), ending(two), ended(two), ended(one)],
      true,
    ],
  ])('%s', (_, journal, isTrue) => {
    expect(contradictionsOfLeases(journal).length === 0).toBe(isTrue)
  })
})
