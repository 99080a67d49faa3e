import type { Redact } from '../failure/redact.ts'
import type { Answer } from './answer.ts'

const MOST_TEXT = 200
const MOST_ANSWER = 300
const FIELDS = ['status', 'error', 'scope', 'schemes']

/**
 * What a server says in the challenge with which it refuses an access token, in words: `status 401, scope mail.send`.
 * Undefined if the challenge says nothing of that kind.
 *
 * @param challenge a 334 line: its text is JSON in base64
 * @see RFC 7628 section 3.2.2 (OAUTHBEARER); XOAUTH2 does the same
 */
export function tokenProblem(challenge: string, redact: Redact = (text) => text): string | undefined {
  let said: unknown
  try {
    said = JSON.parse(Buffer.from(challenge.slice(4), 'base64').toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof said !== 'object' || said === null) return undefined
  const words: string[] = []
  for (const field of FIELDS) {
    const value = (said as Record<string, unknown>)[field]
    // It is redacted before it is cut, so that no part of a secret is left.
    if (typeof value === 'string' || typeof value === 'number')
      words.push(`${field} ${redact(String(value)).slice(0, MOST_TEXT)}`)
  }
  return words.length > 0 ? words.join(', ') : undefined
}

/** The summary of a failure for which the server gave this reason. @param answer its last reply, if there was one */
export function refusedToken(problem: string, answer: Answer | undefined): string {
  const last = answer?.text.slice(0, MOST_ANSWER) ?? 'it closed the connection'
  return `the server does not accept the access token: ${last} (the server says: ${problem})`
}
