import type { Kind } from '@loudmail/core'
import { lookUp, text, within, type Fields } from '../payload/fields.ts'
import type { WhyInit } from '../why.ts'

/** `reason` of a failed event. */
const REASONS: Readonly<Record<string, Kind>> = {
  bounce: 'mailbox-unknown',
  'suppress-bounce': 'suppressed',
  'suppress-complaint': 'suppressed',
  'suppress-unsubscribe': 'suppressed',
  espblock: 'policy',
  blacklisted: 'policy',
  greylisted: 'greylisted',
  spam: 'spam',
  // Mailgun tried for as long as it does, and gave up.
  old: 'service-unavailable',
}

/** Numbers of Mailgun's own in the place of a reply code. */
const CODES: Readonly<Record<string, Kind>> = {
  498: 'domain-unknown',
  499: 'timeout',
  602: 'service-unavailable',
  605: 'suppressed',
  606: 'suppressed',
  607: 'suppressed',
}

const PERMANENCE: Readonly<Record<string, 'permanent' | 'transient'>> = {
  soft: 'transient',
  hard: 'permanent',
}

/** Why an event `failed` or `rejected` happened. */
export function whyMailgun(event: Fields): Omit<WhyInit, 'recipient' | 'provider'> {
  if (text(event, 'event') === 'rejected') {
    const reject = within(event, 'reject')
    const reply = [text(reject, 'reason'), text(reject, 'description')].filter(Boolean).join(': ')
    return {
      stage: 'submit',
      kind: /sandbox|free account|test purposes/i.test(reply) ? 'account-blocked' : 'policy',
      reply,
    }
  }
  const status = within(event, 'delivery-status')
  const code = text(status, 'code')
  const said = text(status, 'message') ?? text(status, 'description')
  const own = lookUp(CODES, code)
  const isReply = own === undefined && code !== undefined && /^[45]\d\d$/.test(code)
  return {
    reply: isReply && !said?.startsWith(code) ? `${code} ${said ?? ''}` : said,
    enhanced: text(status, 'enhanced-code'),
    kind: own ?? lookUp(REASONS, text(event, 'reason')),
    permanence: lookUp(PERMANENCE, text(status, 'bounce-type')),
  }
}
