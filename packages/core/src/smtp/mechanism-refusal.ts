import type { Answer } from './answer.ts'

/** Kinds that say why no mechanism would work: the answer is about the account, or the server has a problem. */
const NOT_THE_MECHANISM = ['app-password-required', 'web-login-required', 'account-blocked']

const NOT =
  String.raw`(?:not (?:\w+ )?(?:supported|implemented|available|allowed|permitted|enabled|recogni[sz]ed|offered|accepted|known)|` +
  String.raw`unsupported|unknown|unrecogni[sz]ed|unavailable|invalid|illegal|disabled|disallowed|no such|too weak)`
const NAME = String.raw`(?:mechanisms?|mechs?|(?:auth\w*|sasl|log-?in) (?:method|type|scheme)s?)`
const NO_MECHANISM = new RegExp(
  String.raw`\b${NAME}\b.{0,40}\b${NOT}\b|\b${NOT}\b.{0,40}\b${NAME}\b|\bno (?:worthy )?${NAME}\b|` +
    // What Cyrus SASL says if it has no stored secret that the mechanism could use.
    'no verifier for user|will enable requested mechanism',
  'i',
)
const CREDENTIALS = /fail|password|credential|denied|incorrect|wrong/i

/**
 * Whether a reply to AUTH refuses the mechanism and says nothing about the credentials, so that another mechanism may
 * work. A refused password must not look like that: accounts are locked after several attempts.
 *
 * @see RFC 4954 section 6
 */
export function refusesMechanism(answer: Answer, mechanism: string): boolean {
  const { code, enhanced, text } = answer.reply
  // 432: a log-in with PLAIN would prepare the account for this mechanism.
  if (code < 500) return code === 432
  const { kind } = answer.diagnosis('auth')
  if (NOT_THE_MECHANISM.includes(kind)) return false
  if (code === 504 || enhanced === '5.5.4' || enhanced === '5.7.4') return true
  if (NO_MECHANISM.test(text) || namesRefused(mechanism).test(text)) return true
  if (code === 534 || enhanced === '5.7.9') return kind === 'auth-mechanism'
  return isSyntaxError(answer)
}

/** Whether the server did not understand the command, so that it did not look at the credentials. */
export function isSyntaxError(answer: Answer): boolean {
  const { code, enhanced, text } = answer.reply
  return code >= 500 && code <= 502 && enhanced?.[2] !== '7' && !CREDENTIALS.test(text)
}

/** `LOGIN` alone is also the word for what a user does: it counts only as the name of a mechanism. */
function namesRefused(mechanism: string): RegExp {
  const name = mechanism.replaceAll(/[^\w-]/g, '')
  return new RegExp(
    String.raw`\b(?:auth[ =]${name}|${name} auth\w*)\b.{0,40}\b${NOT}\b|\b${NOT}\b.{0,20}\bauth[ =]${name}\b`,
    'i',
  )
}
