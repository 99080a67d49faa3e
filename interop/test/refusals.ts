import type { MessageInput } from '@loudmail/core'
import type { RealServer } from '../src/real-server.ts'
import { tooBig } from './contents.ts'

/** What the failure must say, by server; those that cannot fail so are left out. */
type Expected = Partial<Record<RealServer['name'], object>>

const unknownUser = {
  code: 'rcpt-to/mailbox-unknown',
  scope: 'recipient',
  permanence: 'permanent',
  retryable: false,
}
const greylisted = {
  code: 'rcpt-to/greylisted',
  scope: 'recipient',
  permanence: 'transient',
  retryable: true,
}
const full = { code: 'rcpt-to/mailbox-full', scope: 'recipient', permanence: 'transient', retryable: true }
const relayDenied = {
  code: 'rcpt-to/relay-denied',
  scope: 'transport',
  permanence: 'permanent',
  retryable: false,
}
const tooLarge = {
  code: 'mail-from/message-too-large',
  scope: 'message',
  permanence: 'permanent',
  reply: undefined,
}

/** What servers refuse. */
export const refusals: readonly { title: string; input: () => Partial<MessageInput>; expected: Expected }[] =
  [
    {
      title: 'a sender',
      input: () => ({ from: 'refused@sender.test' }),
      expected: {
        // By an access list of its own, in its own words.
        Postfix: {
          code: 'rcpt-to/policy',
          scope: 'sender',
          permanence: 'permanent',
          reply: { code: 554, enhanced: '5.7.1' },
        },
        Exim: {
          code: 'mail-from/sender-rejected',
          scope: 'sender',
          permanence: 'permanent',
          reply: { code: 550 },
        },
        OpenSMTPD: {
          code: 'mail-from/policy',
          scope: 'sender',
          permanence: 'permanent',
          reply: { code: 550, enhanced: '5.7.1' },
        },
      },
    },
    {
      title: 'an unknown user',
      input: () => ({ to: 'unknown@inbox.test' }),
      expected: {
        Postfix: { ...unknownUser, reply: { code: 550, enhanced: '5.1.1' } },
        Exim: { ...unknownUser, reply: { code: 550, enhanced: undefined } },
        // What it says of every address of a domain that has none of that name in its virtual table.
        OpenSMTPD: { ...unknownUser, reply: { code: 524, enhanced: '5.2.4' } },
        Dovecot: { ...unknownUser, reply: { protocol: 'lmtp', code: 550, enhanced: '5.1.1' } },
      },
    },
    {
      title: 'a greylisted recipient',
      input: () => ({ to: 'grey@inbox.test' }),
      expected: {
        Postfix: { ...greylisted, reply: { code: 450, enhanced: '4.7.1' } },
        Exim: { ...greylisted, reply: { code: 451, enhanced: '4.7.1' } },
        OpenSMTPD: { ...greylisted, reply: { code: 451, enhanced: '4.7.1' } },
      },
    },
    {
      title: 'a full mailbox',
      input: () => ({ to: 'full@inbox.test' }),
      expected: {
        Postfix: { ...full, reply: { code: 452, enhanced: '4.2.2' } },
        Exim: { ...full, reply: { code: 452, enhanced: '4.2.2' } },
        OpenSMTPD: { ...full, reply: { code: 452, enhanced: '4.2.2' } },
        Dovecot: {
          ...full,
          code: 'body/mailbox-full',
          permanence: 'permanent',
          retryable: false,
          reply: { code: 552, enhanced: '5.2.2' },
        },
      },
    },
    {
      title: 'a mailbox that is full for now',
      input: () => ({ to: 'later@inbox.test' }),
      expected: { Dovecot: { ...full, code: 'body/mailbox-full', reply: { code: 452, enhanced: '4.2.2' } } },
    },
    {
      title: 'a domain it does not relay to',
      input: () => ({ to: 'someone@elsewhere.test' }),
      expected: {
        Postfix: { ...relayDenied, reply: { code: 554, enhanced: '5.7.1' } },
        Exim: { ...relayDenied, reply: { code: 550, enhanced: undefined } },
        // It says the same as of an unknown user.
        OpenSMTPD: { ...unknownUser, reply: { code: 550 } },
      },
    },
    {
      title: 'a recipient for those who logged in',
      input: () => ({ to: 'members@inbox.test' }),
      expected: {
        Postfix: { stage: 'rcpt-to', permanence: 'permanent', reply: { code: 550, enhanced: '5.7.1' } },
        Exim: { stage: 'rcpt-to', permanence: 'permanent', reply: { code: 550, enhanced: '5.7.1' } },
        OpenSMTPD: { stage: 'rcpt-to', permanence: 'permanent', reply: { code: 550 } },
      },
    },
    {
      title: 'a message larger than it says it takes',
      input: tooBig.known,
      expected: { Postfix: tooLarge, Exim: tooLarge, OpenSMTPD: tooLarge },
    },
    {
      title: 'a stream that turns out to be too large',
      input: tooBig.streamed,
      expected: {
        Postfix: { ...tooLarge, code: 'body/message-too-large', reply: { code: 552, enhanced: '5.3.4' } },
        Exim: { ...tooLarge, code: 'body/message-too-large', reply: { code: 552 } },
        OpenSMTPD: { ...tooLarge, code: 'body/message-too-large', reply: { code: 554 } },
        // It announces no size, and says that this may pass.
        Dovecot: {
          ...tooLarge,
          code: 'body/message-too-large',
          permanence: 'transient',
          reply: { code: 451 },
        },
      },
    },
  ]

interface Mixture {
  readonly code: string
  readonly delivered: string
  readonly to: Readonly<Record<string, object>>
}

const mixed = { code: 'rcpt-to/mixed', delivered: 'some', permanence: 'transient', retryable: true }
const mixture = {
  ...mixed,
  to: {
    'ann@inbox.test': { status: 'accepted' },
    'unknown@inbox.test': { status: 'rejected', kind: 'mailbox-unknown', permanence: 'permanent' },
    'bob@inbox.test': { status: 'accepted' },
    'grey@inbox.test': { status: 'rejected', kind: 'greylisted', permanence: 'transient' },
  },
}
/** Several recipients of one message, and what becomes of each. */
export const mixtures: Readonly<Record<RealServer['name'], Mixture>> = {
  Postfix: mixture,
  Exim: mixture,
  OpenSMTPD: mixture,
  Dovecot: {
    ...mixed,
    code: 'body/mailbox-full',
    to: {
      'full@inbox.test': {
        status: 'rejected',
        kind: 'mailbox-full',
        permanence: 'permanent',
        reply: { code: 552 },
      },
      'ann@inbox.test': { status: 'accepted' },
      'unknown@inbox.test': {
        status: 'rejected',
        kind: 'mailbox-unknown',
        permanence: 'permanent',
        reply: { code: 550 },
      },
      'bob@inbox.test': { status: 'accepted' },
      'later@inbox.test': {
        status: 'rejected',
        kind: 'mailbox-full',
        permanence: 'transient',
        reply: { code: 452 },
      },
    },
  },
}
