import { MailError } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { testInbox, type FailureShape } from '../src/index.ts'
import '../src/vitest.ts'
import { capture } from './capture.ts'

const FULL = 'bob@full.example'

/** The message of the failed assertion. */
async function problem(assertion: Promise<void>): Promise<string> {
  return assertion.then(
    () => 'it passed',
    (error: Error) => error.message,
  )
}

describe('toHaveFailed()', () => {
  it.each<[yes: FailureShape, no: FailureShape]>([
    [{}, { kind: 'timeout' }],
    [{ code: 'rcpt-to/mailbox-full' }, { code: 'rcpt-to/mailbox-unknown' }],
    [{ code: /^rcpt-to/ }, { code: /^auth/ }],
    [{ stage: 'rcpt-to' }, { stage: 'auth' }],
    [{ kind: 'mailbox-full' }, { kind: 'mailbox-unknown' }],
    [{ kind: (kind) => kind.startsWith('mailbox') }, { kind: (kind) => kind === 'spam' }],
    [{ delivered: 'some' }, { delivered: 'none' }],
    [{ retryable: true }, { retryable: false }],
    [{ to: FULL }, { to: 'ann@rcpt.example' }],
    [{ to: [FULL, /@FULL/i] }, { to: [FULL, 'ann@rcpt.example'] }],
    [
      { stage: 'rcpt-to', retryable: true },
      { stage: 'rcpt-to', retryable: false },
    ],
  ])('takes %o, but not %o, of an error, a receipt, a store and an inbox', async (yes, no) => {
    const { store, send } = capture()
    const receipt = await send({ to: ['ann@rcpt.example', FULL] })
    for (const failed of [receipt.error, receipt, { store }, store, testInbox(store)]) {
      await expect(failed).toHaveFailed(yes)
      await expect(failed).not.toHaveFailed(no)
    }
    await expect(Promise.reject(receipt.error)).rejects.toHaveFailed(yes)
  })

  it('does not pass for a message that was sent', async () => {
    const { store, send } = capture()
    const receipt = await send()
    for (const sent of [receipt, store, testInbox(store)]) {
      await expect(sent).not.toHaveFailed()
      await expect(sent).not.toHaveFailed({ retryable: true })
    }
  })

  it('applies to every recipient if the failure names none', async () => {
    const { store } = capture()
    const error = new MailError({ stage: 'submit', kind: 'unexpected' })
    const envelope = { from: '', to: ['ann@rcpt.example'], smtputf8: false }
    store.add({ state: 'failed', envelope, from: '', to: [], subject: '', text: '', error, code: error.code })
    await expect(store).toHaveFailed({ to: 'ann@rcpt.example' })
    await expect(store).not.toHaveFailed({ to: FULL })
    await expect(error).not.toHaveFailed({ to: 'ann@rcpt.example' })
  })

  it('checks only failures for the address of an inbox', async () => {
    const { store, send } = capture()
    await send({ to: FULL })
    await expect(testInbox(store).for(FULL)).toHaveFailed()
    await expect(testInbox(store).for('ann@rcpt.example')).not.toHaveFailed()
  })

  it('says how a failure differs', async () => {
    const { send } = capture()
    const receipt = await send({ to: FULL })
    const wanted = {
      code: 'auth/bad-credentials',
      delivered: /some/,
      retryable: false,
      to: 'ann@rcpt.example',
    } as const
    const text = [
      'expect(…).toHaveFailed()',
      '',
      "Wanted: a failure with { code: 'auth/bad-credentials', delivered: /some/, retryable: false, to: 'ann@rcpt.example' }",
      'Found:  rcpt-to/mailbox-full: the mailbox is full: 452 4.2.2 Mailbox full [capture()]',
      "  code is rcpt-to/mailbox-full, not 'auth/bad-credentials'",
      '  delivered is none, which does not match /some/',
      '  retryable is true',
      `  it failed for ${FULL}, not for 'ann@rcpt.example'`,
    ].join('\n')
    expect(await problem(expect(receipt).toHaveFailed(wanted))).toBe(text)
    expect(await problem(expect(receipt.error).toHaveFailed(wanted))).toBe(text)
  })

  it('shows the outcome of a send that did not fail', async () => {
    const { store, send } = capture()
    expect(await problem(expect(await send()).toHaveFailed({ stage: 'auth' }))).toMatch(
      /Wanted: a failure with \{ stage: 'auth' \}\nFound: {2}a send that was captured\n {2}the send did not fail$/,
    )
    expect(await problem(expect(store).toHaveFailed())).toMatch(
      /Wanted: a failure\nFound: {2}none among 1 mail\n {2}1\. captured: 'Tea' to ann@rcpt\.example$/,
    )
  })

  it('says what to do about an unwanted failure', async () => {
    const { store, send } = capture()
    const receipt = await send({ to: FULL })
    expect(await problem(expect(receipt).not.toHaveFailed())).toBe(
      `expect(…).not.toHaveFailed()\n\nWanted: no failure\nFound:  ${receipt.error?.message}\n  ${receipt.error?.hint}`,
    )
    expect(await problem(expect(store).not.toHaveFailed())).toMatch(
      /Wanted: no failure\nFound: {2}1 among 1 mail\n {2}1\. failed with rcpt-to\/mailbox-full: 'Tea' to bob@full\.example \(rejected\) \(matches\)$/,
    )
  })

  it('says how the nearest failure of a store differs', async () => {
    const { store, send } = capture()
    await send({ to: FULL })
    await send()
    expect(await problem(expect(store).toHaveFailed({ kind: 'spam' }))).toMatch(
      /Nearest is 1:\n {2}kind is mailbox-full, not 'spam'$/,
    )
  })

  it.each<[string, unknown, string]>([
    [
      'an unknown field',
      { reason: 'x' },
      'toHaveFailed() has no field "reason"; the fields are code, stage, kind',
    ],
    ['an unknown stage', { stage: 'rcpt' }, 'stage of toHaveFailed() must be one of config, compose'],
    ['an unknown kind', { kind: 'full' }, 'kind of toHaveFailed() must be one of invalid-config'],
    [
      'an unknown stage in a code',
      { code: 'rcpt/mailbox-full' },
      'the stage in code of toHaveFailed() must be one of',
    ],
    [
      'an unknown kind in a code',
      { code: 'rcpt-to/full' },
      'the kind in code of toHaveFailed() must be one of',
    ],
    ['a code without a kind', { code: 'rcpt-to' }, 'the kind in code of toHaveFailed() must be one of'],
    [
      'an unknown delivery',
      { delivered: 'all' },
      "delivered of toHaveFailed() must be one of none, some, unknown, but is 'all'",
    ],
    [
      'a text for a yes or no',
      { retryable: 'yes' },
      "retryable of toHaveFailed() must be true or false, but is 'yes'",
    ],
    ['no address', { to: 'bob' }, 'to of toHaveFailed() must be one address'],
    ['a text', 'rcpt-to/mailbox-full', 'toHaveFailed() takes an object with any of code, stage, kind'],
  ])('says what to change if it gets %s, also with not', async (_name, shape, text) => {
    const { store } = capture()
    expect(await problem(expect(store).toHaveFailed(shape as FailureShape))).toContain(text)
    expect(await problem(expect(store).not.toHaveFailed(shape as FailureShape))).toContain(text)
  })

  it('says what to pass instead of anything else', async () => {
    const text =
      /^toHaveFailed\(\) needs a MailError, a receipt, a debug\(\) transport or its store: .* It received Error: x$/
    expect(await problem(expect(new Error('x')).not.toHaveFailed())).toMatch(text)
  })
})
