import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { kindOfStatus } from '../api/by-status.ts'
import type { Refusal } from '../api/provider-api.ts'
import { byRules, type Rule } from '../api/rules.ts'

const LIMITS =
  'Send less at once: `limit()` keeps to a rate. The limits of the project are at console.cloud.google.com/apis/api/gmail.googleapis.com/quotas, those of a mailbox in "Gmail sending limits" of the Google Workspace help.'

/**
 * By the reason of Google's error, or by its status. Reasons that are not here follow the HTTP status.
 *
 * @see https://developers.google.com/workspace/gmail/api/guides/handle-errors
 */
const RULES: readonly Rule[] = [
  {
    code: ['insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'],
    kind: 'oauth-token',
    hint: 'The access token may not send mail. Ask for the scope https://www.googleapis.com/auth/gmail.send: for a user at the consent, for a service account also in its domain-wide delegation.',
  },
  {
    status: 401,
    kind: 'oauth-token',
    hint: 'The access token is expired, revoked or damaged. Pass a function that fetches one, such as `google()` of @loudmail/oauth2. If it does already, have the user sign in again.',
  },
  {
    code: ['accessNotConfigured', 'SERVICE_DISABLED'],
    kind: 'invalid-config',
    hint: 'Enable the Gmail API for the project of the OAuth client at console.cloud.google.com/apis/library/gmail.googleapis.com. It takes some minutes.',
  },
  {
    code: 'domainPolicy',
    kind: 'policy',
    hint: 'The administrator of the domain does not allow this app. It can be allowed in the Google Admin console under Security, Access and data control, API controls.',
  },
  {
    code: 'dailyLimitExceeded',
    kind: 'rate-limited',
    hint: 'The project has used up its calls of this day. They are counted anew at midnight Pacific time; more can be asked for at console.cloud.google.com/apis/api/gmail.googleapis.com/quotas.',
  },
  {
    code: [
      'userRateLimitExceeded',
      'rateLimitExceeded',
      'quotaExceeded',
      'concurrentLimitExceeded',
      'limitExceeded',
      'RATE_LIMIT_EXCEEDED',
      'RESOURCE_EXHAUSTED',
    ],
    kind: 'rate-limited',
    hint: LIMITS,
  },
  {
    code: ['failedPrecondition', 'FAILED_PRECONDITION'],
    says: /precondition check failed/i,
    kind: 'invalid-config',
    hint: 'A service account has no mailbox of its own: set `subject` of `google()` to the address of the mailbox that sends.',
  },
  {
    code: ['failedPrecondition', 'FAILED_PRECONDITION'],
    kind: 'account-blocked',
    hint: 'This account has no Gmail. An administrator can turn it on in the Google Admin console under Apps, Google Workspace, Gmail.',
  },
  {
    status: 403,
    says: /delegation denied/i,
    kind: 'invalid-config',
    hint: 'The access token belongs to another mailbox than `user` names. Leave `user` out, or fetch a token for that mailbox.',
  },
  {
    status: 404,
    kind: 'invalid-config',
    hint: 'Check `user`, `url` and `transportData.gmail.threadId`: Gmail does not know one of them.',
  },
  { code: ['uploadTooLarge', 'payloadTooLarge'], kind: 'message-too-large' },
]

/** `"Retry after 2026-11-27T12:00:00.000Z (Mail sending)"`: Gmail gives the time in its words. */
const RETRY_AFTER = /retry after (\d{4}-\d\d-\d\dT[\d:.]+Z)/i

/** What a negative answer of Gmail means. Undefined if it is not of Google's form. */
export function gmailRefusal(answer: Answer): Refusal | undefined {
  const { json } = answer
  // Some of Google's front ends put the error into a list.
  const error = fieldsOf(fieldsOf(Array.isArray(json) ? json[0] : json).error)
  const words = textOf(error.message)
  const found = codesOf(error).map((code) => byRules(RULES, answer, code, words))
  const refusal = found.find(Boolean)
  if (words === undefined) return refusal
  return withWait(refusal ?? { kind: kindOfStatus(answer.status), words }, answer, words)
}

function withWait(refusal: Refusal, answer: Answer, words: string): Refusal {
  const at = Date.parse(RETRY_AFTER.exec(words)?.[1] ?? '')
  if (Number.isNaN(at) || answer.headers.has('retry-after')) return refusal
  return { ...refusal, retryAfterMs: Math.max(0, at - Date.now()) }
}

/** From the one that says most: that of the details, those of the errors, and the status. Undefined fits rules without a code. */
function codesOf(error: Readonly<Record<string, unknown>>): (string | undefined)[] {
  const reasons = [error.details, error.errors].flatMap((list) =>
    Array.isArray(list) ? list.map((each) => textOf(fieldsOf(each).reason)) : [],
  )
  return [...reasons, textOf(error.status), undefined].filter(
    (code, index, all) => code !== undefined || index === all.length - 1,
  )
}
