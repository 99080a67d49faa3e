import type { Kind, MailError } from '@loudmail/core'
import { scopeOfRecipient } from '@loudmail/core/transport'
import type { MailNews } from '../mail-news.ts'

/** What says that there is no such mailbox, or that nobody may send to it. */
const OF_THE_ADDRESS: readonly Kind[] = [
  'mailbox-unknown',
  'domain-unknown',
  'mailbox-disabled',
  'invalid-address',
  'suppressed',
]
/** Some servers refuse a blocked client, or a message that they take for spam, with the code of an unknown mailbox. */
const OF_SOMETHING_ELSE =
  /(?:block|black|deny|reject)[ -]?list|\b(?:blocked|banned|blacklisted|dnsbl|rbl|spamhaus|barracuda|spamcop|spam|phishing|virus|malware|reputation|spf|dkim|dmarc|ptr|reverse dns|rate limit)\b/i

/**
 * What a bounce says about the address of its recipient. `hard`: mail to it will never arrive. `soft`: it did not arrive this
 * time. Undefined if the reason is, or may be, the sender, the content, a policy or a server.
 */
export function bounceOf({ type, why }: Pick<MailNews, 'type' | 'why'>): 'hard' | 'soft' | undefined {
  if (type !== 'bounced' || !why) return undefined
  const { kind, scope, permanence } = ofRecipient(why)
  if (scope !== 'recipient' || isOfSomethingElse(why)) return undefined
  // Whatever the code of the reply is: a mailbox that is full can be emptied.
  if (kind === 'mailbox-full') return 'soft'
  if (!OF_THE_ADDRESS.includes(kind)) return undefined
  return permanence === 'permanent' ? 'hard' : permanence === 'transient' ? 'soft' : undefined
}

function ofRecipient(why: MailError): Pick<MailError, 'kind' | 'scope' | 'permanence'> {
  const [own] = why.recipients
  if (!own) return why
  const { kind = why.kind, permanence = why.permanence } = own
  return { kind, permanence, scope: scopeOfRecipient(own, why) }
}

/** The text of an address does not count, so that `spam@example.com` may bounce. */
function isOfSomethingElse({ reply, recipients: [own] }: MailError): boolean {
  const { text } = own?.reply ?? reply ?? { text: '' }
  const words = text.slice(0, 2_000).split(/\s+/)
  return OF_SOMETHING_ELSE.test(words.filter((word) => !word.includes('@')).join(' '))
}
