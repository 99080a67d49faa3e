import { describe, expect, it } from 'vitest'
import { MailError, problemDetails } from '../src/index.ts'
import type { MailErrorInit } from '../src/transport.ts'

const reply = { protocol: 'smtp', code: 550, text: 'words of the server' } as const
const [ann, bob] = ['ann@example.com', 'bob@example.com']

const cases: readonly (readonly [what: string, init: MailErrorInit, status: number])[] = [
  ['an address that does not parse', { stage: 'compose', kind: 'invalid-address' }, 422],
  ['a message for nobody', { stage: 'compose', kind: 'no-recipients' }, 422],
  ['a message that is not valid', { stage: 'compose', kind: 'invalid-message' }, 422],
  ['a line break in a header', { stage: 'compose', kind: 'header-injection' }, 422],
  ['a file of our own that cannot be read', { stage: 'compose', kind: 'attachment' }, 503],
  ['a closed mailer', { stage: 'queue', kind: 'pool-closed' }, 503],
  ['a server that is away', { stage: 'connect', kind: 'connection-refused' }, 503],
  ['a recipient refused for now', { stage: 'rcpt-to', kind: 'greylisted' }, 503],
  ['a wrong password', { stage: 'auth', kind: 'bad-credentials' }, 502],
  ['a mailbox that does not exist', { stage: 'rcpt-to', kind: 'mailbox-unknown' }, 502],
  ['a configuration mistake', { stage: 'config', kind: 'invalid-config' }, 502],
  ['a connection lost after the final dot', { stage: 'body', kind: 'timeout', delivered: 'unknown' }, 504],
  [
    'one recipient served and one refused for now',
    {
      stage: 'rcpt-to',
      kind: 'greylisted',
      recipients: [
        { address: ann, status: 'accepted' },
        { address: bob, status: 'rejected', permanence: 'transient' },
      ],
    },
    502,
  ],
  [
    'one recipient refused for now and one in doubt',
    {
      stage: 'body',
      kind: 'timeout',
      recipients: [
        { address: ann, status: 'unknown' },
        { address: bob, status: 'rejected', permanence: 'transient' },
      ],
    },
    504,
  ],
]

describe('problemDetails', () => {
  it.each(cases)('answers %s with the right status', (_what, init, status) => {
    const answer = problemDetails(new MailError(init))
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ type: 'about:blank', status })
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['retry-after']).toBe(status === 503 ? '60' : undefined)
  })

  it('includes the message id, and nothing from the server or the message', () => {
    const error = new MailError({
      stage: 'rcpt-to',
      kind: 'mailbox-unknown',
      reply,
      summary: 'no such user',
      hint: 'ask them',
      transport: 'smtp(mail.internal:587)',
      messageId: '<1@example.com>',
      recipients: [{ address: ann, status: 'rejected', reply }],
    })
    expect(problemDetails(error).body).toEqual({
      type: 'about:blank',
      title: 'Bad Gateway',
      status: 502,
      detail: 'The mail was not sent, or not to everybody.',
      messageId: '<1@example.com>',
    })
  })

  it('includes the code only if asked to', () => {
    const error = new MailError({ stage: 'rcpt-to', kind: 'mailbox-unknown' })
    expect(problemDetails(error).body).not.toHaveProperty('code')
    expect(problemDetails(error, { exposeCode: true }).body.code).toBe('rcpt-to/mailbox-unknown')
  })
})
