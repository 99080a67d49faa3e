import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import type { Refusal } from '../api/provider-api.ts'
import { byRules, type Rule } from '../api/rules.ts'

const KEY = 'Create an API key at resend.com/api-keys, and check that all of it was copied.'

/** @see https://resend.com/docs/api-reference/errors */
const RULES: readonly Rule[] = [
  { code: 'missing_api_key', kind: 'missing-credentials', hint: KEY },
  {
    code: 'restricted_api_key',
    kind: 'policy',
    hint: 'This API key may only send mail. Use one with full access for this.',
  },
  { code: ['invalid_api_key', 'suspended_api_key'], kind: 'bad-credentials', hint: KEY },
  {
    code: 'invalid_from_address',
    kind: 'invalid-message',
    hint: 'Write `from` as `name <tea@example.com>` or `tea@example.com`.',
  },
  {
    says: /domain is not verified|verify (?:a|your) domain|testing (?:domain|emails)|own email address/i,
    kind: 'sender-not-owned',
    hint: 'Verify the domain of the sender at resend.com/domains. With the domain resend.dev, only your own address gets mail.',
  },
  {
    status: 403,
    code: 'validation_error',
    kind: 'sender-not-owned',
    hint: 'Verify the domain of the sender at resend.com/domains.',
  },
  {
    code: 'concurrent_idempotent_requests',
    kind: 'rejected',
    permanence: 'transient',
    isInDoubt: true,
    hint: 'Another send with the same `idempotencyKey` is under way. Wait for its outcome, or send again later with the same key: only one message goes out.',
  },
  {
    code: 'invalid_idempotent_request',
    kind: 'invalid-message',
    hint: 'Another message was sent with this `idempotencyKey` in the last 24 hours. Give every message a key of its own.',
  },
  { code: ['invalid_idempotency_key'], kind: 'invalid-message', hint: 'A key has 1 to 256 characters.' },
  { code: ['rate_limit_exceeded', 'daily_quota_exceeded', 'monthly_quota_exceeded'], kind: 'rate-limited' },
  {
    code: ['invalid_attachment', 'missing_required_field', 'invalid_parameter', 'invalid_scheduled_at'],
    kind: 'invalid-message',
  },
  { code: 'security_error', kind: 'policy' },
  { code: ['not_found', 'method_not_allowed', 'invalid_region'], kind: 'invalid-config' },
  { code: 'validation_error', kind: 'invalid-message' },
]

/** What a negative answer of Resend means. */
export function resendRefusal(answer: Answer): Refusal | undefined {
  const { name, message } = fieldsOf(answer.json)
  return (
    byRules(RULES, answer, textOf(name), textOf(message)) ??
    (textOf(message) === undefined ? undefined : undefined)
  )
}
