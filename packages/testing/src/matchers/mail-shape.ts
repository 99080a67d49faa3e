import type { Address } from '@loudmail/core'
import { addressTest, type AddressMatch } from './address-match.ts'
import { isSameAddress, shownMailbox } from '../inbox/mailbox.ts'
import { checkEach, type Check, type ShapeFields } from './shape.ts'
import type { TestAttachment, TestMail } from '../inbox/test-mail.ts'
import { shown, valueTest, type ValueMatch } from './value-match.ts'

/** The mail to look for. Every field that is given must match. */
export interface MailShape {
  /** A recipient, including Cc and Bcc. Of an array, all must match. */
  readonly to?: AddressMatch | readonly AddressMatch[]
  /** The author. */
  readonly from?: AddressMatch
  /** The whole subject. */
  readonly subject?: ValueMatch<string>
  /** A part of the text. */
  readonly text?: ValueMatch<string>
  /** A part of the HTML source. */
  readonly html?: ValueMatch<string>
  /** The file name of an attachment. Of an array, all must be there. */
  readonly attachments?: ValueMatch<TestAttachment> | readonly ValueMatch<TestAttachment>[]
  /** @default any state of a mail that went out, at least to the recipients in `to` */
  readonly state?: ValueMatch<TestMail['state'], TestMail['state']>
}

/** The mail to look for, or a function that returns whether a mail is the one. */
export type MailMatch = MailShape | ((mail: TestMail) => boolean)

const STATES = ['sent', 'queued', 'captured', 'discarded', 'failed'] satisfies TestMail['state'][]

export const MAIL_FIELDS: ShapeFields<TestMail> = {
  to: (wanted, name) =>
    checkEach(wanted, name, (one) => {
      const test = addressTest(one, name)
      return (mail) => {
        const recipients = recipientsOf(mail)
        return recipients.some(test)
          ? undefined
          : not('to', recipients.map(shownMailbox).join(', ') || 'nobody', one)
      }
    }),
  from: (wanted, name) => {
    const test = addressTest(wanted, name)
    return ({ from }) => (test(from) ? undefined : not('from', shownMailbox(from) || 'missing', wanted))
  },
  subject: (wanted, name) => {
    const test = valueTest<string>(wanted, name, { texts: (subject) => [subject] })
    return ({ subject }) => (test(subject) ? undefined : not('subject', shown(subject), wanted))
  },
  text: (wanted, name) => contains('text', wanted, name),
  html: (wanted, name) => contains('html', wanted, name),
  attachments: (wanted, name) =>
    checkEach(wanted, name, (one) => {
      const test = valueTest<TestAttachment>(one, name, { texts: ({ filename }) => [filename] })
      return ({ attachments }) => {
        const names = attachments.map(({ filename }) => shown(filename))
        return attachments.some(test)
          ? undefined
          : `attachments has ${names.join(', ') || 'none'}, but not ${shown(one)}`
      }
    }),
  state: (wanted, name) => {
    if (typeof wanted === 'string' && !STATES.some((state) => state === wanted))
      throw new TypeError(`${name} must be one of ${STATES.join(', ')}, but is ${shown(wanted)}`)
    const test = valueTest<TestMail['state']>(wanted, name, { texts: (state) => [state] })
    return ({ state }) => (test(state) ? undefined : not('state', state, wanted))
  },
}

/** The recipients of a mail, with their names from the headers. */
function recipientsOf({ envelope, to, cc }: TestMail): Address[] {
  return envelope.to.map(
    (address) =>
      [...to, ...cc].find((named) => isSameAddress(named.address, address)) ?? { name: '', address },
  )
}

function contains(field: 'text' | 'html', wanted: unknown, name: string): Check<TestMail> {
  const test = valueTest<string>(wanted, name, {
    texts: (text) => [text],
    is: (text, part) => text.includes(part.replaceAll('\r\n', '\n')),
  })
  const relation = typeof wanted === 'string' ? 'does not contain' : 'does not match'
  return ({ [field]: text }) => {
    if (test(text)) return undefined
    return `${field} ${text === '' ? 'is empty' : `${shown(text)} ${relation} ${shown(wanted)}`}`
  }
}

function not(field: string, found: string, wanted: unknown): string {
  return `${field} is ${found}, ${typeof wanted === 'string' ? 'not' : 'which does not match'} ${shown(wanted)}`
}
