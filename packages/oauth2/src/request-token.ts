import { redactor } from '@loudmail/core/transport'
import type { Endpoint } from './options.ts'
import { postForm, type Answer, type Form } from './post-form.ts'
import { noAnswer, refusal } from './token-failure.ts'

/** What a token server gave. */
export interface TokenAnswer {
  readonly token: string
  /** As it came. */
  readonly expiresIn: unknown
  readonly refreshToken: string | undefined
}

const SECRETS = ['client_secret', 'refresh_token', 'assertion', 'client_assertion']

/**
 * Asks a token server for a token (RFC 6749 section 5).
 *
 * @throws MailError `auth/oauth-token`
 */
export async function requestToken(endpoint: Endpoint, form: Form): Promise<TokenAnswer> {
  const redact = redactor(SECRETS.map((name) => form[name]))
  let answer: Answer
  try {
    answer = await postForm(endpoint, form)
  } catch (error) {
    throw noAnswer(endpoint, error, redact)
  }
  const { access_token: token, expires_in: expiresIn, refresh_token: refreshToken } = answer.body ?? {}
  if (answer.status < 200 || answer.status > 299 || !isToken(token)) throw refusal(endpoint, answer, redact)
  return { token, expiresIn, refreshToken: isToken(refreshToken) ? refreshToken : undefined }
}

/** RFC 6749 appendix A: printable ASCII. Anything else could break the log-in that it is for. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7E]+$/.test(value)
}
