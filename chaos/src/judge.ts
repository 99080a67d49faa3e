import type { RecipientOutcome } from '@loudmail/core'
import { errorsOf } from './judge-error.ts'
import type { ServerRecord } from './record.ts'
import type { Sending } from './sending.ts'

// The rules, recipient by recipient:
//
// 1. `accepted`, or a receipt that says ok: the servers took the message once for this recipient.
// 2. `rejected` or `not-attempted`: they did not take it.
// 3. `unknown`: they took it once, or not at all.
// 4. Whatever is said: never twice.
// 5. Of two sends with the same key, one delivers: it is `accepted` if one of them says so, `rejected` if both do.
//
// A `late-reply` event settles what the receipt said: it is the last word. A delivery makes every recipient `accepted`
// that was `unknown`; an error says of each of its recipients what became of it, also where the receipt said `accepted`.
//
// A server "took" a message when it had the whole content, for recipients that it had accepted, and did not refuse it;
// whether it said so makes no difference. What no client can know is not played: a server that refuses and keeps the
// message, that leaves out one reply of several, or that says what is a reply before it is asked for one. The exception
// is a server that says one reply of a connection twice. The client can tell once it has read all replies, so there it
// has one recipient a message, does not leave by itself, and is not closed before the server has said everything.
//
// A server that lies about an extension is no exception. What it leaves out is the last that a client hears of a
// connection, since a client that waits for a reply sends nothing more. Only in a window more is on its way: there a
// server that begins to lie closes the connection.
//
// If lies are all that is wrong in a scene, every message has to arrive (`lossesOf`). Not so where a client cannot know
// that it was a lie: a refusal that may be about the message, or silence once the extension has worked. Messages that
// were written and not answered are `unknown`: one of a connection, or those of its window.

type Status = RecipientOutcome['status']

/** Everything that a send told that is not true, in words. */
export function contradictionsOf(
  sending: Sending,
  record: ServerRecord,
  isAllOrNone = false,
  twins: readonly Sending[] = [sending],
): string[] {
  const { plan, outcome, thrown } = sending
  if (!outcome) return [thrown === undefined ? 'never settled' : 'threw what is no MailError']
  const said = twins.length > 1 ? statusesOfTwins(twins) : statusesOf(sending)
  const copies = record.copies(plan.id)
  const strangers = [...copies.keys()].filter((recipient) => !plan.recipients.includes(recipient))
  return [
    ...plan.recipients.flatMap((recipient) =>
      contradictionOf(recipient, said.get(recipient), copies.get(recipient) ?? 0),
    ),
    ...strangers.map((recipient) => `${recipient} has it, whom it is not for`),
    ...(isAllOrNone && copies.size > 0 && copies.size < plan.recipients.length
      ? ['some have it, which is for all or for none']
      : []),
    ...(record.halves(plan.id) > 0 ? ['a server took half of it'] : []),
    ...(sending.isOverdue ? ['did not settle when its caller gave up'] : []),
    ...errorsOf(sending),
  ]
}

/** Messages that had to find a way round a lie and did not; so many may be in doubt. */
export function lossesOf(sendings: readonly Sending[], mostUnknown: number): string[] {
  let unknown = 0
  return sendings.flatMap((sending) => {
    const said = new Set(statusesOf(sending).values())
    if (said.has('unknown') && ++unknown <= mostUnknown) return []
    return [...said].every((status) => status === 'accepted')
      ? []
      : [`${sending.plan.id}: is lost to a lie: ${sending.error?.message ?? 'taken back'}`]
  })
}

function contradictionOf(recipient: string, status: Status | undefined, copies: number): string[] {
  const told = `${recipient} is told as ${status}, and has ${copies} copies`
  if (status === undefined) return [`${recipient} is not in the outcome`]
  if (copies > 1) return [told]
  if (status === 'unknown') return []
  return copies === (status === 'accepted' ? 1 : 0) ? [] : [told]
}

/** What two sends of the same message say together. */
function statusesOfTwins(twins: readonly Sending[]): Map<string, Status> {
  const all = twins.map(statusesOf)
  const together = new Map<string, Status>()
  for (const recipient of new Set(all.flatMap((each) => [...each.keys()]))) {
    const said = all.map((each) => each.get(recipient))
    const status = said.find((each) => each === 'accepted') ?? said.find((each) => each === 'unknown')
    together.set(recipient, status ?? 'rejected')
  }
  return together
}

/** The last word on every recipient. */
export function statusesOf({ plan, error, events, eventsWhenSettled, isSent }: Sending): Map<string, Status> {
  // A failure without recipients is of a message that nobody looked at.
  const before = isSent ? 'accepted' : error?.recipients.length === 0 ? 'not-attempted' : undefined
  const statuses = new Map<string, Status>(before && plan.recipients.map((each) => [each, before]))
  for (const { address, status } of error?.recipients ?? []) statuses.set(address, status)
  for (const event of events.slice(eventsWhenSettled)) {
    if (event.type !== 'late-reply') continue
    if (event.error) for (const { address, status } of event.error.recipients) statuses.set(address, status)
    else for (const [address, status] of statuses) if (status === 'unknown') statuses.set(address, 'accepted')
  }
  return statuses
}
