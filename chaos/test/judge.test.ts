import { Mailer, MailError, type Delivery, type RecipientOutcome, type Transport } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { contradictionsOf, lossesOf } from '../src/judge.ts'
import type { SendPlan } from '../src/plan.ts'
import { END, ReceivedContent, ServerRecord } from '../src/record.ts'
import { Sending } from '../src/sending.ts'

const ID = 'one'
const ANN = 'ann@rcpt.test'
const BOB = 'bob@rcpt.test'

const PLAN: SendPlan = {
  id: ID,
  atMs: 0,
  recipients: [ANN, BOB],
  octets: 100,
  content: 'text',
  ends: 'well',
  abortAfterMs: undefined,
  isTwin: false,
  hasKey: false,
  leave: { afterMs: 0, refuses: 'no' },
}

type Statuses = readonly [ann: RecipientOutcome['status'], bob: RecipientOutcome['status']]

const sent: Delivery = { transport: 'test', state: 'sent', failures: [] }

function failure([ann, bob]: Statuses, changes = {}): MailError {
  return new MailError({
    stage: 'body',
    kind: 'connection-lost',
    recipients: [
      { address: ANN, status: ann },
      { address: BOB, status: bob },
    ],
    ...changes,
  })
}

/** A send that the transport settles as it is told to, and perhaps once more. */
async function sendingOf(said: Delivery | MailError, late?: Delivery | MailError): Promise<Sending> {
  const transport: Transport = {
    name: 'test',
    async send(_, context) {
      if (late) setImmediate(() => context!.late!(late))
      if (MailError.is(said)) throw said
      return said
    },
  }
  const mailer = new Mailer({
    transport,
    observe: (event) => {
      void event.error
      const { sending } = event.context as { readonly sending: Sending }
      sending.events.push(event)
    },
  })
  const sending = new Sending(PLAN, mailer, { from: 'a@sender.test', to: [ANN, BOB], text: 'Hello' })
  await sending.settled
  await new Promise((resolve) => setImmediate(resolve))
  return sending
}

function recordOf(...copies: readonly (readonly string[])[]): ServerRecord {
  const record = new ServerRecord()
  for (const recipients of copies) record.take(contentThatEndsWith(`${END}${ID}`), recipients)
  return record
}

function contentThatEndsWith(end: string): ReceivedContent {
  const content = new ReceivedContent()
  content.add(Buffer.from(`X-Id: ${ID}\r\n\r\nHello\r\n${end}\r\n`))
  return content
}

describe('the judge', () => {
  it.each<[string, Delivery | MailError, (Delivery | MailError) | undefined, (readonly string[])[], boolean]>(
    [
      ['sent, and taken once for everybody', sent, undefined, [[ANN, BOB]], true],
      ['sent, and taken for one of two', sent, undefined, [[ANN]], false],
      ['sent, and taken twice', sent, undefined, [[ANN, BOB], [BOB]], false],
      ['sent, and taken for somebody else as well', sent, undefined, [[ANN, BOB, 'eve@rcpt.test']], false],
      [
        'rejected for one, and taken for the other',
        failure(['rejected', 'accepted']),
        undefined,
        [[BOB]],
        true,
      ],
      ['rejected, and taken', failure(['rejected', 'accepted']), undefined, [[ANN, BOB]], false],
      ['not attempted, and taken', failure(['not-attempted', 'not-attempted']), undefined, [[ANN]], false],
      ['unknown, and not taken', failure(['unknown', 'unknown']), undefined, [], true],
      ['unknown, and taken once', failure(['unknown', 'unknown']), undefined, [[ANN, BOB]], true],
      ['unknown, and taken twice', failure(['unknown', 'unknown']), undefined, [[ANN], [ANN]], false],
      ['unknown, and later sent, and taken', failure(['unknown', 'unknown']), sent, [[ANN, BOB]], true],
      ['unknown, and later sent, but not taken', failure(['unknown', 'unknown']), sent, [], false],
      ['sent, and later rejected, and not taken', sent, failure(['rejected', 'rejected']), [], true],
      ['sent, and later rejected, but taken', sent, failure(['rejected', 'rejected']), [[ANN]], false],
      [
        'a failure without one of the recipients',
        failure(['unknown', 'unknown']).with({ recipients: [] }),
        undefined,
        [],
        true,
      ],
    ],
  )('%s', async (_, said, late, copies, isTrue) => {
    const contradictions = contradictionsOf(await sendingOf(said, late), recordOf(...copies))
    expect(contradictions.length === 0, contradictions.join('; ')).toBe(isTrue)
  })

  it('finds half a message that was taken', async () => {
    const record = new ServerRecord()
    record.take(contentThatEndsWith('and then nothing'), [ANN, BOB])
    expect(contradictionsOf(await sendingOf(sent), record)).toEqual(['a server took half of it'])
  })

  it.each([
    ['delivered', { delivered: 'some' }],
    ['permanence', { permanence: 'transient' }],
  ] as const)('finds a failure whose %s does not follow from its recipients', async (what, changes) => {
    const sending = await sendingOf(failure(['unknown', 'unknown'], changes))
    expect(contradictionsOf(sending, recordOf())[0]).toContain(`says ${what}`)
  })

  it('finds an end that no observer saw before the send settled', async () => {
    const sending = await sendingOf(sent)
    sending.eventsWhenSettled = 0
    expect(contradictionsOf(sending, recordOf([ANN, BOB]))).toEqual([
      'no observer saw how it ended before it settled',
    ])
  })

  it.each<[string, Delivery | MailError, number, boolean]>([
    ['sent', sent, 0, false],
    ['rejected', failure(['rejected', 'rejected']), 1, true],
    ['rejected for one', failure(['rejected', 'accepted']), 1, true],
    ['not attempted', failure(['not-attempted', 'not-attempted']), 1, true],
    ['unknown, as one may be', failure(['unknown', 'unknown']), 1, false],
    ['unknown, as none may be', failure(['unknown', 'unknown']), 0, true],
  ])('knows what a lie may cost: %s', async (_, said, mostUnknown, isLost) => {
    expect(lossesOf([await sendingOf(said)], mostUnknown)).toHaveLength(isLost ? 1 : 0)
  })
})
