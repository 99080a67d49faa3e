import type { MessageInput } from '@loudmail/core'
import type { ServerOptions, ServerScript } from '@loudmail/server'
import type { BouncingServer } from '../src/bouncing.ts'

/** The server that has `next.test`, and takes what comes back to `sender.test`. */
export const NEXT: ServerScript & ServerOptions = {
  caps: ['PIPELINING', 'SIZE 100000', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8'],
  enforceSize: 100_000,
  on: {
    RCPT: {
      byRcpt: {
        'unknown@next.test': '550 5.1.1 <unknown@next.test>: Recipient address rejected: User unknown',
        'joe+news@next.test': '550-5.1.1 The mailbox does not exist.\n550 5.1.1 Check the address',
        'jörg@next.test': '550 5.1.1 <jörg@next.test>: User unknown',
        'full@next.test': '552 5.2.2 The mailbox is full',
        'busy@next.test': '451 4.7.1 Greylisted, try again later',
      },
    },
    DOT: { byRcpt: { 'spam@next.test': '554 5.7.1 Message refused: it looks like spam' } },
  },
}

/** A message that comes back, and what there is to say about it. */
export interface Bounce {
  readonly title: string
  /** The end of the name of its fixture. */
  readonly file: string
  readonly to: string
  readonly input?: () => Partial<MessageInput>
  readonly notify: readonly ('success' | 'failure' | 'delay')[]
  readonly action: string
  /** Servers that cannot do it are missing. */
  readonly expected: Partial<Record<BouncingServer['name'], object>>
}

const failed = { notify: ['failure'], action: 'failed' } as const

function bounced(recipient: string, code: string, permanence: string, reply?: object): object {
  return { reason: undefined, news: [{ type: 'bounced', recipient, code, permanence, reply }] }
}

function both(expected: object): Bounce['expected'] {
  return { Postfix: expected, Exim: expected }
}

function all(expected: object): Bounce['expected'] {
  return { ...both(expected), OpenSMTPD: expected }
}

const unknown = { code: 550, enhanced: '5.1.1' }
const greylisted = { code: 451, enhanced: '4.7.1' }

export const bounces: readonly Bounce[] = [
  {
    ...failed,
    title: 'a user of this server who does not exist',
    file: 'unknown-here',
    to: 'nobody@inbox.test',
    expected: both(bounced('nobody@inbox.test', 'rcpt-to/mailbox-unknown', 'permanent')),
  },
  {
    ...failed,
    title: 'refused by the next server at RCPT',
    file: 'refused-at-rcpt',
    to: 'unknown@next.test',
    expected: all(bounced('unknown@next.test', 'rcpt-to/mailbox-unknown', 'permanent', unknown)),
  },
  {
    ...failed,
    title: 'refused in two lines, at an address with a plus',
    file: 'two-lines',
    to: 'joe+news@next.test',
    expected: all(bounced('joe+news@next.test', 'rcpt-to/mailbox-unknown', 'permanent', unknown)),
  },
  {
    ...failed,
    title: 'refused at an address beyond ASCII',
    file: 'utf8',
    to: 'jörg@next.test',
    expected: both(bounced('jörg@next.test', 'rcpt-to/mailbox-unknown', 'permanent', unknown)),
  },
  {
    ...failed,
    title: 'refused by the next server after the content',
    file: 'refused-after-data',
    to: 'spam@next.test',
    expected: all(bounced('spam@next.test', 'body/spam', 'permanent', { code: 554, enhanced: '5.7.1' })),
  },
  {
    ...failed,
    title: 'a mailbox that is full, at the next server',
    file: 'full-next',
    to: 'full@next.test',
    expected: all(
      bounced('full@next.test', 'rcpt-to/mailbox-full', 'permanent', { code: 552, enhanced: '5.2.2' }),
    ),
  },
  {
    ...failed,
    title: 'a mailbox of this server that stays full',
    file: 'full-here',
    to: 'full@inbox.test',
    expected: { Exim: bounced('full@inbox.test', 'rcpt-to/mailbox-full', 'transient') },
  },
  {
    ...failed,
    title: 'a host that does not exist',
    file: 'no-host',
    to: 'ann@nowhere.test',
    expected: {
      Postfix: bounced('ann@nowhere.test', 'rcpt-to/domain-unknown', 'permanent'),
      // It says no more than for a user who does not exist.
      Exim: bounced('ann@nowhere.test', 'rcpt-to/mailbox-unknown', 'permanent'),
    },
  },
  {
    ...failed,
    title: 'a message that is too large for the next server',
    file: 'too-large',
    to: 'big@next.test',
    input: () => ({ text: `${'x'.repeat(70)}\n`.repeat(3_000) }),
    expected: {
      Postfix: bounced('big@next.test', 'body/message-too-large', 'permanent'),
      Exim: bounced('big@next.test', 'body/message-too-large', 'permanent', {
        code: 552,
        enhanced: '5.3.4',
      }),
    },
  },
  {
    title: 'delayed',
    file: 'delayed',
    to: 'busy@next.test',
    notify: ['delay'],
    action: 'delayed',
    expected: all({
      reason: undefined,
      news: [
        {
          type: 'deferred',
          recipient: 'busy@next.test',
          code: 'rcpt-to/greylisted',
          permanence: 'transient',
          reply: greylisted,
        },
      ],
    }),
  },
  {
    ...failed,
    title: 'given up after several attempts',
    file: 'given-up',
    to: 'busy@next.test',
    expected: {
      ...both(bounced('busy@next.test', 'rcpt-to/greylisted', 'transient', greylisted)),
      // It says only that the time is over.
      OpenSMTPD: bounced('busy@next.test', 'connect/timeout', 'transient'),
    },
  },
  {
    ...failed,
    title: 'behind an alias: it is about the address that was written to',
    file: 'alias',
    to: 'staff@inbox.test',
    expected: both(bounced('staff@inbox.test', 'rcpt-to/mailbox-unknown', 'permanent', unknown)),
  },
  {
    title: 'delivered',
    file: 'delivered',
    to: 'ann@inbox.test',
    notify: ['success'],
    action: 'delivered',
    expected: all({ reason: undefined, news: [{ type: 'delivered', recipient: 'ann@inbox.test' }] }),
  },
  {
    title: 'relayed to a server that does not report',
    file: 'relayed',
    to: 'ok@next.test',
    notify: ['success'],
    action: 'relayed',
    expected: { Postfix: { reason: 'nothing-to-tell', news: [] } },
  },
]
