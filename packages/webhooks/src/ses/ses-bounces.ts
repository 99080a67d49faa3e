import type { Kind } from '@loudmail/core'
import type { WhyInit } from '../why.ts'

type Meaning = Pick<WhyInit, 'kind' | 'permanence' | 'hint' | 'stage'>

/** The address is on a list of SES, so SES did not try. */
const SUPPRESSED: Meaning = {
  kind: 'suppressed',
  permanence: 'permanent',
  hint: 'Amazon SES did not send it: the address is on its suppression list. Remove it there if it works again.',
}

/** What SES found out, by bounceType and bounceSubType. */
const BOUNCES: Readonly<Record<string, Meaning>> = {
  'Permanent/General': { permanence: 'permanent' },
  'Permanent/NoEmail': { kind: 'mailbox-unknown', permanence: 'permanent' },
  'Permanent/Suppressed': SUPPRESSED,
  'Permanent/OnAccountSuppressionList': SUPPRESSED,
  'Permanent/OnTenantSuppressionList': SUPPRESSED,
  'Permanent/EmailValidationSuppressed': SUPPRESSED,
  'Permanent/UnsubscribedRecipient': {
    kind: 'suppressed',
    permanence: 'permanent',
    hint: 'Amazon SES did not send it: the recipient has unsubscribed from this contact list.',
  },
  'Transient/General': { permanence: 'transient' },
  'Transient/MailboxFull': { kind: 'mailbox-full', permanence: 'transient' },
  'Transient/MessageTooLarge': { kind: 'message-too-large', permanence: 'transient' },
  'Transient/CustomTimeoutExceeded': { kind: 'timeout', permanence: 'transient' },
  'Transient/ContentRejected': { kind: 'content-rejected', permanence: 'transient' },
  'Transient/AttachmentRejected': { kind: 'content-rejected', permanence: 'transient' },
}

/** What a bounce means. A subtype that is not known means what its type says. */
export function bounceMeaning(type: string | undefined, subType: string | undefined): Meaning {
  const word = `${type}/${subType}`
  if (Object.hasOwn(BOUNCES, word)) return BOUNCES[word]!
  if (type === 'Permanent') return { permanence: 'permanent' }
  return type === 'Transient' ? { permanence: 'transient' } : {}
}

/** Why SES could not deliver for now, by delayType. */
export const DELAYS: Readonly<Record<string, Kind>> = {
  InternalFailure: 'server-error',
  General: 'service-unavailable',
  MailboxFull: 'mailbox-full',
  SpamDetected: 'spam',
  RecipientServerError: 'server-error',
  IPFailure: 'policy',
  TransientCommunicationFailure: 'connection-lost',
  BYOIPHostNameLookupUnavailable: 'dns-temporary',
  Undetermined: 'service-unavailable',
  SendingDeferral: 'rate-limited',
}
