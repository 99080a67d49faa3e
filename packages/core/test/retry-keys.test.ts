import { describe, expect, it } from 'vitest'
import { MailError, retry, type Delivery, type RecipientOutcome, type RetryOptions } from '../src/index.ts'
import { toMessage } from '../src/transport.ts'
import {
  accepted,
  BOB,
  CAROL,
  DAVE,
  greylisted,
  lost,
  noSuchUser,
  refuses,
  scripted,
  three,
  unknown,
  type Act,
} from './scripted.ts'

const KEY = 'order/7'
const SECOND = `${KEY};retry=2`
const THIRD = `${KEY};retry=3`

interface Given {
  readonly honours?: boolean | undefined
  readonly key?: string | undefined
  readonly options?: RetryOptions
}

/** The key and the recipients of each attempt, and the outcome. */
async function attempts(acts: Act[], given: Given = {}) {
  const { honours, key, options } = { honours: true, key: KEY, ...given }
  const inner = scripted(...acts)
  const transport = retry(
    { ...inner, honoursIdempotencyKey: honours },
    { delayMs: 0, budget: false, ...options },
  )
  const message = toMessage({ ...three, idempotencyKey: key })
  const result: Delivery | MailError = await transport
    .send(message)
    .catch((error: unknown) => error as MailError)
  expect(new Set(inner.tries.map(({ messageId }) => messageId)).size).toBe(1)
  return { keys: inner.tries.map(({ idempotencyKey, envelope }) => [idempotencyKey, ...envelope.to]), result }
}

const allUnknown = refuses(unknown(BOB), unknown(CAROL), unknown(DAVE))
const ALL = [BOB, CAROL, DAVE]

describe('a message whose outcome is unknown', () => {
  it('is tried again with the same key', async () => {
    const { keys, result } = await attempts([allUnknown, allUnknown])
    expect(keys).toEqual([
      [KEY, ...ALL],
      [KEY, ...ALL],
      [KEY, ...ALL],
    ])
    expect(result).toMatchObject({ state: 'sent', failures: [{}, {}] })
  })

  it.each<[why: string, given: Given]>([
    ['it has no key', { key: undefined }],
    ['the transport does not honour keys', { honours: false }],
    ['the transport does not say', { honours: undefined }],
    ['there are no attempts left', { options: { attempts: 1 } }],
  ])('is not tried again if %s', async (_why, given) => {
    const { keys, result } = await attempts([allUnknown], given)
    expect(keys).toHaveLength(1)
    expect(result).toMatchObject({ delivered: 'unknown', permanence: 'unknown' })
  })

  it('is not tried again if its failure is for good', async () => {
    const forGood = refuses(...ALL.map((to) => ({ ...unknown(to), permanence: 'permanent' as const })))
    expect((await attempts([forGood])).keys).toHaveLength(1)
  })

  it('stays in doubt after an attempt that failed for another reason', async () => {
    const { keys, result } = await attempts([allUnknown, lost, lost])
    expect(keys).toHaveLength(3)
    expect(result).toMatchObject({ delivered: 'unknown', recipients: ALL.map(unknown), retryable: false })
  })

  it('stays in doubt if it is refused for good later', async () => {
    const { keys, result } = await attempts([allUnknown, refuses(...ALL.map(noSuchUser))])
    expect(keys).toHaveLength(2)
    expect(result).toMatchObject({ delivered: 'unknown', recipients: ALL.map(unknown) })
  })

  it('goes on with the same key after an attempt that did not reach the server', async () => {
    const { keys, result } = await attempts([allUnknown, lost])
    expect(keys.map(([key]) => key)).toEqual([KEY, KEY, KEY])
    expect(result).toMatchObject({ state: 'sent' })
  })
})

describe('the key of each attempt', () => {
  it.each<[title: string, acts: Act[], keys: (readonly string[])[]]>([
    [
      'is the same while nobody may have the message',
      [lost, refuses(...ALL.map(greylisted))],
      [
        [KEY, ...ALL],
        [KEY, ...ALL],
        [KEY, ...ALL],
      ],
    ],
    [
      'is another one for those who were refused when others got the message',
      [refuses(accepted(BOB), greylisted(CAROL), greylisted(DAVE))],
      [
        [KEY, ...ALL],
        [SECOND, CAROL, DAVE],
      ],
    ],
    [
      'is another one each time',
      [
        refuses(accepted(BOB), greylisted(CAROL), greylisted(DAVE)),
        refuses(accepted(CAROL), greylisted(DAVE)),
      ],
      [
        [KEY, ...ALL],
        [SECOND, CAROL, DAVE],
        [THIRD, DAVE],
      ],
    ],
    [
      'is the same for those in doubt, and another one for those who were refused beside them',
      [refuses(unknown(BOB), greylisted(CAROL), noSuchUser(DAVE))],
      [
        [KEY, ...ALL],
        [KEY, BOB],
        [SECOND, CAROL],
      ],
    ],
    [
      'is the same for those who came into doubt with another one',
      [refuses(accepted(BOB), greylisted(CAROL), greylisted(DAVE)), refuses(unknown(CAROL), unknown(DAVE))],
      [
        [KEY, ...ALL],
        [SECOND, CAROL, DAVE],
        [SECOND, CAROL, DAVE],
      ],
    ],
    // The server has the message for Bob, so it would drop the one for Carol, or deliver a second one with another key.
    [
      'is none for one in doubt beside one who has the message',
      [refuses(accepted(BOB), unknown(CAROL), unknown(DAVE))],
      [[KEY, ...ALL]],
    ],
    [
      'is none for one in doubt who is refused when the key is used up',
      [allUnknown, refuses(accepted(BOB), greylisted(CAROL), unknown(DAVE))],
      [
        [KEY, ...ALL],
        [KEY, ...ALL],
      ],
    ],
    // A second message with the key would be dropped, also for Carol.
    [
      'is none for one in doubt who is refused when the key may be used up',
      [allUnknown, refuses(unknown(BOB), greylisted(CAROL), unknown(DAVE))],
      [
        [KEY, ...ALL],
        [KEY, ...ALL],
        [KEY, BOB, DAVE],
      ],
    ],
  ])('%s', async (_title, acts, expected) => {
    expect((await attempts(acts)).keys).toEqual(expected)
  })

  it('is another one for those who come later because they have to wait', async () => {
    const soon = (address: string, ms: number): RecipientOutcome => ({
      ...greylisted(address),
      retryAfterMs: ms,
    })
    const { keys, result } = await attempts([refuses(soon(BOB, 1), soon(CAROL, 30), soon(DAVE, 60))])
    expect(keys).toEqual([
      [KEY, ...ALL],
      [KEY, BOB],
      [SECOND, CAROL],
      [THIRD, DAVE],
    ])
    expect(result).toMatchObject({ state: 'sent' })
  })

  it('is one of their own also if the transport does not promise to honour keys: a part of it may', async () => {
    const { keys } = await attempts([refuses(accepted(BOB), greylisted(CAROL), noSuchUser(DAVE))], {
      honours: false,
    })
    expect(keys).toEqual([
      [KEY, ...ALL],
      [SECOND, CAROL],
    ])
  })

  it('those in doubt go together, after the longest of their waits', async () => {
    const { keys } = await attempts([
      refuses({ ...unknown(BOB), retryAfterMs: 20 }, { ...unknown(CAROL), retryAfterMs: 40 }, unknown(DAVE)),
    ])
    expect(keys).toEqual([
      [KEY, ...ALL],
      [KEY, ...ALL],
    ])
  })

  it('has at most 256 characters, and is another one for another key', async () => {
    const act = refuses(accepted(BOB), greylisted(CAROL), noSuchUser(DAVE))
    const [one, other] = [
      await attempts([act], { key: 'a'.repeat(255) + '1' }),
      await attempts([act], { key: 'a'.repeat(255) + '2' }),
    ]
    const derived = [one, other].map(({ keys }) => keys[1]![0]!)
    expect(derived[0]).not.toBe(derived[1])
    for (const key of derived) expect(key).toMatch(/^[!-~]{1,256}$/)
  })
})

it('a bare stream that was read is not sent again, even with a key', async () => {
  const content = (async function* () {
    yield 'content'
  })()
  const inner = scripted((message) => {
    if (!message.raw) void message.attachments[0]!.open()[Symbol.asyncIterator]().next()
    return allUnknown(message)
  })
  const transport = retry({ ...inner, honoursIdempotencyKey: true }, { delayMs: 0 })
  const message = toMessage({ ...three, idempotencyKey: KEY, attachments: [{ content }] })
  await expect(transport.send(message)).rejects.toMatchObject({ delivered: 'unknown' })
  expect(inner.tries).toHaveLength(1)
})

it('the key stays when a message gets fewer recipients', () => {
  const message = toMessage({ ...three, idempotencyKey: KEY })
  expect(message.forRecipients([BOB]).idempotencyKey).toBe(KEY)
  expect(message.forRecipients([BOB], 'other')).toMatchObject({
    idempotencyKey: 'other',
    messageId: message.messageId,
  })
  expect(message.idempotencyKey).toBe(KEY)
  expect(toMessage(three).forRecipients([BOB])).not.toHaveProperty('idempotencyKey', expect.anything())
})
