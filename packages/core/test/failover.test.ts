import { describe, expect, it } from 'vitest'
import { failover, MailError, type Kind, type RecipientOutcome, type Scope } from '../src/index.ts'
import { toMessage } from '../src/transport.ts'
import {
  accepted,
  BOB,
  CAROL,
  DAVE,
  envelopes,
  failureOf,
  greylisted,
  lost,
  noSuchUser,
  notAttempted,
  refuses,
  scripted,
  three,
  toThree,
  unknown,
  type Act,
} from './scripted.ts'

/** The whole message fails before any recipient is attempted. */
const fails =
  (kind: Kind, scope?: Scope): Act =>
  ({ envelope }) =>
    new MailError({ stage: 'mail-from', kind, scope, recipients: envelope.to.map(notAttempted) })

const rejected = (address: string, kind: Kind, scope?: Scope): RecipientOutcome => ({
  address,
  status: 'rejected',
  permanence: 'permanent',
  kind,
  scope,
})

describe('the next transport is used', () => {
  it.each<[string, Act, boolean]>([
    ['where the first cannot be reached', lost, true],
    ['where the first refuses the password, although that is for good', fails('bad-credentials'), true],
    ['where the first says that it is to blame', fails('policy', 'transport'), true],
    ['not where the sender is to blame', fails('sender-rejected'), false],
    ['not where the message is to blame', fails('spam'), false],
    ['not where the recipient is to blame', fails('mailbox-unknown'), false],
    ['not where the first says that the sender is to blame', fails('policy', 'sender'), false],
  ])('%s', async (_title, act, isAsked) => {
    const next = scripted()
    await failover(scripted(act), next)
      .send(toThree())
      .catch(() => {})
    expect(envelopes(next)).toEqual(isAsked ? [[BOB, CAROL, DAVE]] : [])
  })

  it.each<[string, RecipientOutcome, boolean]>([
    ['for one who met a broken server', rejected(BOB, 'server-error'), true],
    ['for one to whom the first does not relay', rejected(BOB, 'relay-denied'), true],
    ['for one refused by a rule about this client', rejected(BOB, 'policy', 'transport'), true],
    ['for one who was not attempted', notAttempted(BOB), true],
    ['not for one who has it', accepted(BOB), false],
    ['not for one who may have it', unknown(BOB), false],
    ['not for one who may have it, whoever is to blame', { ...unknown(BOB), kind: 'connection-lost' }, false],
    ['not for one without a mailbox', noSuchUser(BOB), false],
    ['not for one who is greylisted', greylisted(BOB), false],
    ['not for one refused by a rule about the sender', rejected(BOB, 'policy', 'sender'), false],
    ['not for one refused by a rule of their own', rejected(BOB, 'policy', 'recipient'), false],
  ])('%s', async (_title, outcome, isAsked) => {
    const first = scripted(
      () =>
        new MailError({
          stage: 'data',
          kind: 'server-error',
          recipients: [outcome, rejected(CAROL, 'server-error'), accepted(DAVE)],
        }),
    )
    const next = scripted()
    const result = await failover(first, next)
      .send(toThree())
      .catch((error: unknown) => error)
    expect(envelopes(next)).toEqual([isAsked ? [BOB, CAROL] : [CAROL]])
    const isDone = isAsked || outcome.status === 'accepted'
    expect(result).toMatchObject(
      isDone
        ? { state: 'sent', failures: [{ kind: 'server-error' }] }
        : { recipients: [outcome, accepted(CAROL), accepted(DAVE)] },
    )
  })

  it('not for a recipient that was not attempted because of the message', async () => {
    const next = scripted()
    const first = scripted(refuses(rejected(BOB, 'server-error'), notAttempted(CAROL)))
    const blamed = scripted(
      () =>
        new MailError({
          stage: 'data',
          kind: 'spam',
          recipients: [rejected(BOB, 'server-error'), notAttempted(CAROL)],
        }),
    )
    const message = toMessage({ ...three, to: [BOB, CAROL] })
    await failover(first, next).send(message)
    await failureOf(failover(blamed, next).send(message))
    expect(envelopes(next)).toEqual([[BOB, CAROL], [BOB]])
  })
})

describe('transports are used in order', () => {
  it('until one delivers, always with the same message', async () => {
    const [first, second, third] = [scripted(lost), scripted(lost), scripted()]
    const message = toThree()
    const delivery = await failover(first, second, third, scripted(fails('spam'))).send(message)
    expect(delivery).toMatchObject({ state: 'sent', failures: [{ stage: 'connect' }, { stage: 'connect' }] })
    for (const { tries } of [first, second, third])
      expect(tries.map(({ messageId }) => messageId)).toEqual([message.messageId])
  })

  it('if none delivers, the failure of the last is thrown, with the earlier ones', async () => {
    const told: MailError[] = []
    const transport = failover(scripted(lost), scripted(fails('service-unavailable')))
    const error = await failureOf(transport.send(toThree(), { failed: (failed) => void told.push(failed) }))
    expect(error).toMatchObject({
      code: 'mail-from/service-unavailable',
      transport: 'failover(scripted(), scripted())',
      failures: [{ code: 'connect/connection-refused' }, { code: 'mail-from/service-unavailable' }],
    })
    expect(told.map(({ code }) => code)).toEqual(['connect/connection-refused'])
  })

  it('a failure after which nothing follows is not reported as an attempt', async () => {
    const told: MailError[] = []
    const transport = failover(scripted(fails('spam')), scripted())
    await failureOf(transport.send(toThree(), { failed: (failed) => void told.push(failed) }))
    expect(told).toEqual([])
  })

  it('with the context of the send', async () => {
    const contexts: unknown[] = []
    const watching = {
      name: 'watching()',
      send: async (...[message, context]: Parameters<ReturnType<typeof scripted>['send']>) => {
        contexts.push(context)
        throw lost(message)!
      },
    }
    const context = { signal: new AbortController().signal, trace: { add() {} }, failed() {}, late() {} }
    await failureOf(failover(watching, watching).send(toThree(), context))
    const same = { ...context, late: expect.any(Function) as unknown }
    expect(contexts).toEqual([same, same])
  })
})

describe('the next transport is not used', () => {
  it('after the send is aborted', async () => {
    const controller = new AbortController()
    const next = scripted()
    const first = scripted((message) => {
      controller.abort()
      return lost(message)
    })
    const sending = failover(first, next).send(toThree(), { signal: controller.signal })
    expect(await failureOf(sending)).toMatchObject({ code: 'connect/connection-refused' })
    expect(next.tries).toEqual([])
  })

  it('for a bare stream that the first transport has read', async () => {
    const content = (async function* () {
      yield 'content'
    })()
    const next = scripted()
    const first = scripted((message) => {
      if (!message.raw) void message.attachments[0]!.open()[Symbol.asyncIterator]().next()
      return lost(message)
    })
    await failureOf(failover(first, next).send(toMessage({ ...three, attachments: [{ content }] })))
    expect(next.tries).toEqual([])
  })
})
