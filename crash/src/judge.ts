import type { OutboxEntry } from '@loudmail/outbox'
import { contradictionsOfLeases } from './judge-leases.ts'
import type { Line } from './journal.ts'
import { messagePlan, numberOf, type MessagePlan, type RecipientKind } from './message-plan.ts'
import type { ScenePlan } from './scene-plan.ts'

/** What became of the messages of a scene. */
export interface Verdict {
  readonly contradictions: readonly string[]
  readonly totals: Totals
}

interface Totals {
  readonly messages: number
  /** Their `send()` had settled. */
  readonly settled: number
  /** Recipients that got the message once. */
  readonly once: number
  /** Messages that are listed as in doubt. */
  readonly inDoubt: number
  /** Recipients of those in doubt that have the message. */
  readonly inDoubtDelivered: number
  /** Recipients that got it more than once, of messages that had been in doubt. */
  readonly again: number
  readonly lost: number
  readonly twice: number
}

type Accepted = Extract<Line, { what: 'accepted' }>

/** Everything that is known of one message. */
interface Case {
  readonly plan: MessagePlan
  readonly entries: readonly OutboxEntry[]
  /** It is not sent before: the earliest time, if it was enqueued twice. */
  readonly dueAt: number
  readonly settled: readonly Extract<Line, { what: 'settled' }>[]
  readonly failed: readonly Extract<Line, { what: 'failed' }>[]
  readonly copies: readonly Accepted[]
  readonly wasInDoubt: boolean
}

/** Compares what the outbox says with what the server took. */
export function judge(scene: ScenePlan, entries: readonly OutboxEntry[], journal: readonly Line[]): Verdict {
  const contradictions: string[] = [...contradictionsOfLeases(journal)]
  const totals = {
    messages: 0,
    settled: 0,
    once: 0,
    inDoubt: 0,
    inDoubtDelivered: 0,
    again: 0,
    lost: 0,
    twice: 0,
  }
  for (const each of casesOf(scene, entries, journal)) {
    const { plan, entries: own, settled, failed, copies, wasInDoubt } = each
    const told = (what: string): void => void contradictions.push(`message ${plan.number}: ${what}`)
    const [entry] = own
    totals.messages++
    if (settled.length > 0) totals.settled++
    if (own.length > 1) told(`is in the outbox ${own.length} times`)
    if (settled.length > 0 && !entry) {
      totals.lost++
      told('was lost after send() had settled')
    }
    if (entry) contradictionsOfEntry(scene, each, entry).forEach(told)
    if (entry && settled.length === 0 && failed.length > 0 && failed.every(({ isKept }) => !isKept))
      told('is in the outbox, but send() has failed and told that it is not')
    if (!entry && copies.length > 0) told('was sent, but is not in the outbox')
    if (entry?.state === 'in-doubt') totals.inDoubt++

    for (const { address, kind } of plan.recipients) {
      const number = copies.filter(({ recipients }) => recipients.includes(address)).length
      const status = entry?.recipients.find((recipient) => recipient.address === address)?.status
      if (number === 1) totals.once++
      if (status === 'unknown' && number > 0) totals.inDoubtDelivered++
      if (number > 1 && scene.inDoubt === 'resend' && wasInDoubt) totals.again++
      else if (number > 1) totals.twice++
      if (entry && number === 0 && status === 'accepted') totals.lost++
      const wrong = contradictionOfRecipient(scene, {
        kind,
        status,
        number,
        wasInDoubt,
        hasEntry: entry !== undefined,
      })
      if (wrong) told(`${address} ${wrong}`)
    }
  }
  return { contradictions, totals }
}

function contradictionsOfEntry(
  scene: ScenePlan,
  { dueAt, settled, copies }: Case,
  entry: OutboxEntry,
): string[] {
  const { state, messageId, id } = entry
  const isEnd = state === 'sent' || state === 'dead' || (state === 'in-doubt' && scene.inDoubt === 'park')
  const wrongId = settled.some((line) => (line.id ?? id) !== id || line.messageId !== messageId)
  return [
    ...(isEnd ? [] : [`is ${state} at the end`]),
    ...(wrongId ? ['has another id than send() told'] : []),
    ...(copies.some((copy) => copy.messageId !== messageId) ? ['was sent with another Message-ID'] : []),
    ...(copies.some(({ isWhole }) => !isWhole) ? ['was sent without some of its content'] : []),
    ...(new Set(copies.map(({ octets }) => octets)).size > 1 ? ['was sent with different content'] : []),
    ...(copies.some(({ at }) => at < dueAt) ? ['was sent before its time'] : []),
  ]
}

function contradictionOfRecipient(
  scene: ScenePlan,
  found: {
    readonly kind: RecipientKind
    readonly status: OutboxEntry['recipients'][number]['status'] | undefined
    readonly number: number
    readonly wasInDoubt: boolean
    readonly hasEntry: boolean
  },
): string | undefined {
  const { kind, status, number, wasInDoubt, hasEntry } = found
  if (number > 1 && !(scene.inDoubt === 'resend' && wasInDoubt)) return `got it ${number} times`
  if (kind === 'no' && number > 0) return 'got it, though the server refused'
  if (!hasEntry) return undefined
  if (status === 'accepted') return number === 0 ? 'did not get it, and the outbox says so' : undefined
  if (status === 'unknown') return scene.inDoubt === 'resend' ? 'is left in doubt' : undefined
  if (status === 'rejected')
    return kind === 'no' && number === 0
      ? undefined
      : `is rejected, but it is ${kind} and got it ${number} times`
  return `is ${status ?? 'not listed'} at the end`
}

function* casesOf(
  scene: ScenePlan,
  entries: readonly OutboxEntry[],
  journal: readonly Line[],
): Generator<Case> {
  const entriesOf = Map.groupBy(entries, ({ from }) => numberOf(from))
  const linesOf = Map.groupBy(journal, (line) => ('number' in line ? line.number : -1))
  const doubted = new Set(
    journal.flatMap((line) => (line.what === 'leased' && line.isInDoubt ? [line.id] : [])),
  )
  for (let number = 0; number < scene.messages; number++) {
    const own = entriesOf.get(number) ?? []
    const lines = linesOf.get(number) ?? []
    yield {
      plan: messagePlan(scene.seed, scene.number, number),
      entries: own,
      dueAt: Math.min(...lines.flatMap((line) => (line.what === 'started' ? [line.dueAt] : []))),
      settled: lines.filter((line) => line.what === 'settled'),
      failed: lines.filter((line) => line.what === 'failed'),
      copies: lines.filter((line) => line.what === 'accepted'),
      wasInDoubt: own.some(({ id }) => doubted.has(id)),
    }
  }
}
