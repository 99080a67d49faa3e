import type { Message } from '@loudmail/core'
import { parseRetryAfter } from '@loudmail/core/transport'
import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { kindOfStatus } from '../api/by-status.ts'
import type { Refusal } from '../api/provider-api.ts'
import { byRules, type Rule } from '../api/rules.ts'

const KEY =
  'Create an API key at app.brevo.com under Settings > SMTP & API > API keys. It begins with `xkeysib-`; a key for SMTP (`xsmtpsib-`) does not work here.'
const DUPLICATE: Rule = {
  kind: 'rejected',
  isInDoubt: true,
  hint: 'Brevo took a request with this `idempotencyKey` in the last 30 minutes. If it was this message, it is on its way: look it up at app.brevo.com under Transactional > Logs. Give every other message a key of its own.',
}

/**
 * @see https://developers.brevo.com/docs/how-it-works
 * @see https://developers.brevo.com/docs/heterogenous-versions-batch-emails
 */
const RULES: readonly Rule[] = [
  {
    code: 'unauthorized',
    says: /not found in headers/i,
    kind: 'missing-credentials',
    hint: KEY,
  },
  {
    code: 'unauthorized',
    says: /\bip\b|not verified/i,
    kind: 'policy',
    hint: 'Authorize the IP address of this machine, at app.brevo.com under Settings > Security > Authorized IPs.',
  },
  { code: 'unauthorized', kind: 'bad-credentials', hint: KEY },
  {
    code: 'account_under_validation',
    kind: 'account-blocked',
    hint: 'Brevo still looks at the account. Complete its profile at app.brevo.com, and ask their support if it takes long.',
  },
  {
    code: 'permission_denied',
    says: /not (?:yet )?activated|under validation|suspended/i,
    kind: 'account-blocked',
    hint: 'Ask the support of Brevo to activate the account for transactional mail.',
  },
  {
    code: ['permission_denied', 'reseller_permission_denied'],
    kind: 'policy',
    hint: 'The account or the user of this API key may not send transactional mail. Look at the plan and at the permissions of the user at app.brevo.com.',
  },
  {
    code: 'not_enough_credits',
    kind: 'account-blocked',
    hint: 'Wait until the credits of the plan are renewed, or buy more at app.brevo.com under Usage and plan.',
  },
  { code: ['duplicate_parameter', 'duplicate_request'], ...DUPLICATE },
  {
    code: 'document_not_found',
    kind: 'invalid-message',
    hint: 'Check `transportData.brevo.templateId`: the template must exist and be active. Check the option `url` as well, if you set it.',
  },
  {
    says: /validate your sender|sender you used|sender .*(?:not verified|not authenticated)|authenticate your domain/i,
    kind: 'sender-not-owned',
    hint: 'Verify the sender or its domain, at app.brevo.com under Settings > Senders, Domains & Dedicated IPs.',
  },
  {
    code: ['invalid_parameter', 'missing_parameter', 'out_of_range', 'bad_request', 'unprocessable_entity'],
    kind: 'invalid-message',
  },
  {
    code: 'method_not_allowed',
    kind: 'invalid-config',
    hint: 'Check the option `url`: the API is at https://api.brevo.com.',
  },
  { code: 'not_acceptable', kind: 'rejected' },
  { status: 429, kind: 'rate-limited' },
  { code: 'too_many_requests', kind: 'rate-limited' },
]

/** What a negative answer of Brevo means. */
export function brevoRefusal(answer: Answer, message: Message | undefined): Refusal {
  const { status, headers, isWhole } = answer
  // What is cut off may be that the key was used: then an earlier attempt may have succeeded.
  if (!isWhole && [400, 409].includes(status) && message?.idempotencyKey !== undefined) return DUPLICATE
  const fields = fieldsOf(answer.json)
  const words = textOf(fields.message)
  const refusal = byRules(RULES, answer, textOf(fields.code), words) ?? { kind: kindOfStatus(status), words }
  if (refusal.kind !== 'rate-limited' || headers.has('retry-after')) return refusal
  // In seconds.
  return { ...refusal, retryAfterMs: parseRetryAfter(headers.get('x-sib-ratelimit-reset')) }
}
