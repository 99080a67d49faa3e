import type { Message } from '@loudmail/core'
import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { kindOfStatus } from '../api/by-status.ts'
import type { Refusal } from '../api/provider-api.ts'
import { byRules, type Rule } from '../api/rules.ts'

const KEY = 'Create an API key at resend.com/api-keys, and check that all of it was copied.'
const DOMAIN =
  'Verify the domain of the sender at resend.com/domains. With the domain resend.dev, only your own address gets mail.'
const CONCURRENT = 'concurrent_idempotent_requests'
const QUOTA = 'See resend.com/settings/usage for the quota of your plan.'

/** @see https://resend.com/docs/api-reference/errors */
const RULES: readonly Rule[] = [
  { code: 'missing_api_key', kind: 'missing-credentials', hint: KEY },
  {
    code: ['restricted_api_key', 'invalid_permission'],
    kind: 'policy',
    hint: 'This API key may not do this: a key may be for sending only, or for one domain only. See resend.com/api-keys.',
  },
  { code: ['invalid_api_key', 'invalid_api_Key'], kind: 'bad-credentials', hint: KEY },
  // The page gives the statuses 400 and 401 for it, with the code of invalid fields.
  { status: 401, code: 'validation_error', kind: 'bad-credentials', hint: KEY },
  { code: 'validation_error', says: /\bAPI key\b.*\binvalid\b/i, kind: 'bad-credentials', hint: KEY },
  {
    code: 'suspended_api_key',
    kind: 'bad-credentials',
    hint: 'Resend has suspended this API key: write to their support.',
  },
  {
    status: 403,
    code: ['validation_error', 'invalid_from_address', 'invalid_to_address'],
    kind: 'sender-not-owned',
    hint: DOMAIN,
  },
  {
    code: 'invalid_from_address',
    kind: 'invalid-message',
    hint: 'Write `from` as `name <tea@example.com>` or `tea@example.com`.',
  },
  {
    code: CONCURRENT,
    kind: 'rejected',
    isInDoubt: true,
    hint: 'Another send with the same `idempotencyKey` is under way. Wait for its outcome, or send again later with the same key: only one message goes out.',
  },
  {
    code: 'invalid_idempotent_request',
    kind: 'invalid-message',
    hint: 'Another message was sent with this `idempotencyKey` in the last 24 hours. Give every message a key of its own.',
  },
  { code: 'invalid_idempotency_key', kind: 'invalid-message', hint: 'A key has 1 to 256 characters.' },
  { code: 'rate_limit_exceeded', kind: 'rate-limited' },
  { code: ['daily_quota_exceeded', 'monthly_quota_exceeded'], kind: 'rate-limited', hint: QUOTA },
  { code: 'security_error', kind: 'policy', hint: 'Ask the support of Resend what it found.' },
  {
    code: ['not_found', 'method_not_allowed', 'invalid_region'],
    kind: 'invalid-config',
    hint: 'Check the option `url`.',
  },
  {
    code: [
      'invalid_access',
      'invalid_attachment',
      'invalid_parameter',
      'invalid_scheduled_at',
      'missing_required_field',
      'missing_required_parameter',
      'validation_error',
    ],
    kind: 'invalid-message',
    hint: 'Change what the answer names: it is a field of the message, or of `transportData`.',
  },
]

/** What a negative answer of Resend means. */
export function resendRefusal(answer: Answer, sent?: Message): Refusal | undefined {
  const { name, message } = fieldsOf(answer.json)
  const words = textOf(message)
  // A conflict whose reason was cut off may be that the message is under way by another request.
  const isConflict = answer.status === 409 && sent?.idempotencyKey !== undefined
  const code = textOf(name) ?? (isConflict ? CONCURRENT : undefined)
  const refusal = byRules(RULES, answer, code, words)
  return refusal ?? (words === undefined ? undefined : { kind: kindOfStatus(answer.status), words })
}

/** What a refusal within a batch means: it has words and no code. */
export function resendBatchRefusal(words: string): Refusal {
  const isDomain = /domain is not verified|only send testing emails/i.test(words)
  return isDomain
    ? { kind: 'sender-not-owned', words, hint: DOMAIN }
    : {
        kind: 'invalid-message',
        words,
        hint: 'Change what the answer names. Without `batch`, Resend says more about it.',
      }
}
