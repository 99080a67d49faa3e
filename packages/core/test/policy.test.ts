import { describe, expect, it } from 'vitest'
import {
  Mailer,
  MailError,
  silenceRecipients,
  silenceTransient,
  type Delivered,
  type FailurePolicy,
  type Permanence,
  type RecipientOutcome,
  type Scope,
} from '../src/index.ts'
import type { MailErrorInit } from '../src/transport.ts'
import {
  accepted,
  BOB,
  CAROL,
  DAVE,
  greylisted,
  noSuchUser,
  notAttempted,
  three,
  unknown,
} from './scripted.ts'

const PERMANENCES: readonly Permanence[] = ['permanent', 'transient', 'unknown']
const DELIVERED: readonly Delivered[] = ['none', 'some', 'unknown']
const SCOPES: readonly Scope[] = ['transport', 'sender', 'recipient', 'message']

const serverError = (address: string): RecipientOutcome => ({
  address,
  status: 'rejected',
  permanence: 'transient',
  kind: 'server-error',
})
const blamed = (address: string, scope: Scope): RecipientOutcome => ({
  ...greylisted(address),
  kind: 'policy',
  scope,
})

/** Whether `send()` returns this failure instead of throwing it. */
async function isSilent(failure: FailurePolicy, error: MailError): Promise<boolean> {
  const transport = { name: 'failing()', send: () => Promise.reject(error) }
  const mailer = new Mailer({ transport, failure, observe: (event) => void event.error })
  return mailer.send(three).then(
    ({ ok }) => !ok,
    () => false,
  )
}

const products = PERMANENCES.flatMap((permanence) =>
  DELIVERED.flatMap((delivered) => SCOPES.map((scope) => ({ permanence, delivered, scope }))),
)

describe('for every failure of a whole message', () => {
  const build = (facts: (typeof products)[number]): MailError =>
    new MailError({
      stage: 'data',
      kind: 'policy',
      recipients: [BOB, CAROL, DAVE].map(notAttempted),
      ...facts,
    })

  it.each(products)(
    'silenceTransient silences $permanence, $delivered, $scope only where it passes and nothing may have gone out',
    async (facts) => {
      const passes = facts.permanence === 'transient' && facts.delivered !== 'unknown'
      expect(await isSilent(silenceTransient, build(facts))).toBe(passes)
    },
  )

  it.each(products)(
    'silenceRecipients silences $permanence, $delivered, $scope only where recipients are to blame',
    async (facts) => {
      const theirs = facts.scope === 'recipient' && facts.delivered !== 'unknown'
      expect(await isSilent(silenceRecipients, build(facts))).toBe(theirs)
    },
  )
})

describe('for a failure of some recipients', () => {
  const mixes: [title: string, recipients: RecipientOutcome[], transient: boolean, theirs: boolean][] = [
    ['one who is greylisted', [greylisted(BOB)], true, true],
    ['one without a mailbox', [noSuchUser(BOB)], false, true],
    ['one whose outcome is unknown', [unknown(BOB)], false, false],
    ['one whom a broken server refused for now', [serverError(BOB)], true, false],
    [
      'one refused for now among accepted ones',
      [accepted(BOB), greylisted(CAROL), accepted(DAVE)],
      true,
      true,
    ],
    [
      'one refused for good among accepted ones',
      [accepted(BOB), noSuchUser(CAROL), accepted(DAVE)],
      false,
      true,
    ],
    ['one unknown among accepted ones', [accepted(BOB), unknown(CAROL), accepted(DAVE)], false, false],
    ['one for now and one for good', [greylisted(BOB), noSuchUser(CAROL)], false, true],
    ['one for now and one unknown', [greylisted(BOB), unknown(CAROL)], false, false],
    ['one for good and one unknown', [noSuchUser(BOB), unknown(CAROL)], false, false],
    [
      'one without a mailbox and one met by a broken server',
      [noSuchUser(BOB), serverError(CAROL)],
      false,
      false,
    ],
    ['one blamed by the server for our address', [noSuchUser(BOB), blamed(CAROL, 'sender')], false, false],
    [
      'one blamed by the server for a rule of their own',
      [greylisted(BOB), blamed(CAROL, 'recipient')],
      true,
      true,
    ],
    ['one refused and one not attempted', [greylisted(BOB), notAttempted(CAROL)], true, true],
  ]
  for (const [title, recipients, transient, theirs] of mixes) {
    const error = new MailError({ stage: 'rcpt-to', kind: 'mixed', recipients })
    it(`silenceTransient is ${transient ? 'silent' : 'loud'} about ${title}`, async () => {
      expect(await isSilent(silenceTransient, error)).toBe(transient)
    })
    it(`silenceRecipients is ${theirs ? 'silent' : 'loud'} about ${title}`, async () => {
      expect(await isSilent(silenceRecipients, error)).toBe(theirs)
    })
  }
})

describe('a named policy', () => {
  type Answer = (error: MailError) => string
  const [transient, recipients] = [silenceTransient as Answer, silenceRecipients as Answer]

  it.each<[string, MailErrorInit, string, string]>([
    ['a failure of the transport that passes', { stage: 'connect', kind: 'timeout' }, 'silent', 'loud'],
    ['a failure of the transport that stays', { stage: 'auth', kind: 'bad-credentials' }, 'loud', 'loud'],
    ['a failure that names no recipient', { stage: 'rcpt-to', kind: 'mailbox-unknown' }, 'loud', 'silent'],
  ])('answers a policy of your own that asks it about %s', (_what, init, first, second) => {
    const error = new MailError(init)
    expect([transient(error), recipients(error)]).toEqual([first, second])
  })
})

describe('a policy of your own', () => {
  const refused = new MailError({ stage: 'connect', kind: 'connection-refused' })

  it('receives the failure and silences it by returning "silent"', async () => {
    const asked: MailError[] = []
    const policy: FailurePolicy = (error) => {
      asked.push(error)
      return 'silent'
    }
    expect(await isSilent(policy, refused)).toBe(true)
    expect(asked.map(({ code }) => code)).toEqual(['connect/connection-refused'])
  })

  it.each([
    ['an error', new RangeError('too late'), 'too late'],
    ['a string', 'too late', 'too late'],
    ['something that cannot be printed', Object.create(null), 'cannot be printed'],
  ])('that throws %s is loud, and a warning says so', async (_what, thrown: unknown, words) => {
    const warnings: Error[] = []
    const listen = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listen)
    const policy = (): never => {
      throw thrown
    }
    expect(await isSilent(policy, refused)).toBe(false)
    await expect.poll(() => warnings).toMatchObject([{ name: 'LoudmailWarning' }])
    process.off('warning', listen)
    expect(warnings[0]!.message).toContain('policy')
    expect(warnings[0]!.message).toMatch(new RegExp(`${words}$`))
  })
})
