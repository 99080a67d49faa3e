import type { Kind, Stage } from '@loudmail/core'
import type { NewsType } from '../mail-news.ts'

/** What a type of bounce means. */
export interface BounceType {
  /** The number that Postmark gives it. */
  readonly code: number
  /** `nothing`: it says nothing about the delivery of a message. */
  readonly type: NewsType | 'nothing'
  readonly kind?: Kind
  readonly stage?: Stage
  readonly permanence?: 'permanent' | 'transient'
}

/** @see https://postmarkapp.com/developer/api/bounce-api#bounce-types */
const BOUNCE_TYPES: Readonly<Record<string, BounceType>> = {
  HardBounce: { code: 1, type: 'bounced', kind: 'mailbox-unknown', permanence: 'permanent' },
  Transient: { code: 2, type: 'deferred', kind: 'service-unavailable' },
  Unsubscribe: { code: 16, type: 'unsubscribed' },
  Subscribe: { code: 32, type: 'nothing' },
  AutoResponder: { code: 64, type: 'nothing' },
  AddressChange: { code: 128, type: 'nothing' },
  DnsError: { code: 256, type: 'bounced', kind: 'dns-temporary', permanence: 'transient' },
  SpamNotification: { code: 512, type: 'bounced', kind: 'spam' },
  OpenRelayTest: { code: 1_024, type: 'nothing' },
  Unknown: { code: 2_048, type: 'bounced' },
  SoftBounce: { code: 4_096, type: 'bounced', permanence: 'transient' },
  VirusNotification: { code: 8_192, type: 'bounced', kind: 'content-rejected' },
  ChallengeVerification: { code: 16_384, type: 'bounced', kind: 'policy' },
  BadEmailAddress: { code: 100_000, type: 'bounced', kind: 'invalid-address' },
  SpamComplaint: { code: 100_001, type: 'complained' },
  ManuallyDeactivated: { code: 100_002, type: 'bounced', kind: 'suppressed' },
  Unconfirmed: { code: 100_003, type: 'bounced', kind: 'policy' },
  Blocked: { code: 100_006, type: 'bounced', kind: 'policy' },
  // Postmark's own refusal of a recipient that is on a suppression list.
  SMTPApiError: { code: 100_007, type: 'bounced', kind: 'suppressed' },
  InboundError: { code: 100_008, type: 'nothing' },
  DMARCPolicy: { code: 100_009, type: 'bounced', kind: 'authentication-policy' },
  TemplateRenderingFailed: { code: 100_010, type: 'bounced', kind: 'content-rejected', stage: 'submit' },
}

/** By its name, otherwise by its number. A type that is not known is still a bounce. */
export function bounceType(name: string | undefined, code: string | undefined): BounceType {
  if (name !== undefined && Object.hasOwn(BOUNCE_TYPES, name)) return BOUNCE_TYPES[name]!
  const byCode = Object.values(BOUNCE_TYPES).find((each) => String(each.code) === code)
  return byCode ?? { code: 0, type: 'bounced' }
}
