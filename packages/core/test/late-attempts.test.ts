import { expect, it } from 'vitest'
import {
  dedupe,
  failover,
  MailError,
  retry,
  roundRobin,
  type Delivery,
  type Transport,
} from '../src/index.ts'
import { failAll, toMessage } from '../src/transport.ts'
import { held, type HeldSend } from './held.ts'
import { accepted, BOB, CAROL, failureOf, greylisted, noSuchUser, refuses, unknown } from './scripted.ts'

const order = { from: 'ann@example.com', to: [BOB, CAROL], text: 'Hi', idempotencyKey: 'order/7' }
const delivered: Delivery = { transport: 'late()', state: 'sent', response: '250 late', failures: [] }
/** The server is out of order for one recipient, and nobody knows about the other one. */
const bobInDoubt = refuses(unknown(BOB), { ...greylisted(CAROL), kind: 'server-error' })
const inDoubt = (message: HeldSend['message']): MailError =>
  failAll(message, 'unknown', { stage: 'body', kind: 'timeout' })
const statuses = (told: Delivery | MailError): unknown =>
  MailError.is(told) ? told.recipients.map(({ address, status }) => [address, status]) : told.state

/** What is sent through one or two transports, and what late replies say. */
function watched(make: (first: Transport, second: Transport) => Transport) {
  const [first, second] = [held('first()'), held('second()')]
  const transport = make({ ...first, honoursIdempotencyKey: true }, second)
  const told: unknown[] = []
  const late = (outcome: Delivery | MailError): void => void told.push(statuses(outcome))
  const sending = transport.send(toMessage(order), { late })
  const heard = (sends: readonly HeldSend[], index: number, outcome: Delivery | MailError): void =>
    sends[index]!.context!.late!(outcome)
  const begun = async (sends: readonly HeldSend[], count: number): Promise<void> => {
    while (sends.length < count) await new Promise(setImmediate)
  }
  return { first: first.sends, second: second.sends, transport, sending, told, heard, begun }
}

const around = (first: Transport): Transport => dedupe(retry(first, { delayMs: 0, attempts: 2 }))

it('an attempt that was refused after all changes nothing if a later attempt delivered the message', async () => {
  const { first, sending, told, heard, begun, transport } = watched(around)
  first[0]!.end(inDoubt)
  await begun(first, 2)
  first[1]!.end()
  await sending
  heard(first, 0, refuses(noSuchUser(BOB), noSuchUser(CAROL))(first[0]!.message)!)
  expect(told).toEqual([])
  await transport.send(toMessage(order))
  expect(first).toHaveLength(2)
})

it('a late reply that comes while the next attempt is under way waits for its end', async () => {
  const { first, sending, told, heard, begun, transport } = watched(around)
  first[0]!.end(inDoubt)
  await begun(first, 2)
  heard(first, 0, refuses(noSuchUser(BOB), noSuchUser(CAROL))(first[0]!.message)!)
  first[1]!.end()
  await sending
  expect(told).toEqual([])
  await transport.send(toMessage(order))
  expect(first).toHaveLength(2)
})

it('a late reply to the attempt for some recipients is told for all of them', async () => {
  const { first, sending, told, heard, begun, transport } = watched(around)
  first[0]!.end(refuses(accepted(BOB), greylisted(CAROL)))
  await begun(first, 2)
  first[1]!.end(inDoubt)
  expect((await failureOf(sending)).delivered).toBe('unknown')
  heard(first, 1, refuses(noSuchUser(CAROL))(first[1]!.message)!)
  expect(told).toEqual([
    [
      [BOB, 'accepted'],
      [CAROL, 'rejected'],
    ],
  ])
  const again = transport.send(toMessage(order))
  await begun(first, 3)
  expect(first[2]!.message.envelope.to).toEqual([CAROL])
  first[2]!.end()
  await again
})

it('a late acceptance counts, although the attempt after it was refused', async () => {
  const { first, sending, told, heard, begun } = watched(around)
  first[0]!.end(inDoubt)
  await begun(first, 2)
  first[1]!.end(refuses(noSuchUser(BOB), noSuchUser(CAROL)))
  expect((await failureOf(sending)).delivered).toBe('unknown')
  heard(first, 0, delivered)
  expect(told).toEqual(['sent'])
})

it.each([
  ['failover()', failover],
  ['roundRobin()', roundRobin],
])('a late reply of the first way does not undo what the second one delivered: %s', async (_name, make) => {
  const { first, second, sending, told, heard, begun, transport } = watched((a, b) => dedupe(make(a, b)))
  first[0]!.end(bobInDoubt)
  await begun(second, 1)
  expect(second[0]!.message.envelope.to).toEqual([CAROL])
  second[0]!.end()
  expect((await failureOf(sending)).delivered).toBe('unknown')
  heard(first, 0, refuses(accepted(BOB), { ...greylisted(CAROL), kind: 'server-error' })(first[0]!.message)!)
  expect(told).toEqual(['sent'])
  await transport.send(toMessage(order))
  expect([...first, ...second]).toHaveLength(2)
})

it('what takes back the only attempt is told as it is', async () => {
  const { first, sending, told, heard } = watched((a, b) => retry(failover(a, b)))
  first[0]!.end()
  await sending
  heard(first, 0, inDoubt(first[0]!.message))
  expect(told).toEqual([
    [
      [BOB, 'unknown'],
      [CAROL, 'unknown'],
    ],
  ])
})
