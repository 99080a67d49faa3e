import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import type { Acceptance } from '../api/provider-api.ts'
import { codeOf, inactiveIn, refusalOf, wordsOf } from './postmark-failures.ts'

/**
 * `{ "ErrorCode": 0, "Message": "OK", "MessageID": "b7bc2f4a-..." }`. A message may be "OK" and nevertheless not go to
 * everybody: then the text names the others.
 */
export function postmarkAcceptance({ json }: Pick<Answer, 'json'>): Acceptance | undefined {
  const fields = fieldsOf(json)
  const code = codeOf(fields)
  const id = textOf(fields.MessageID)
  const message = textOf(fields.Message)
  if (code === undefined) return undefined
  const words = wordsOf(code, message)
  if (code !== 0) return { refusal: refusalOf(code, message) ?? { kind: 'invalid-message', words } }
  if (id === undefined) return undefined
  const refused = message === undefined ? undefined : inactiveIn(message)
  if (!refused) return { id, words: `${words} ${id}`.trimStart() }
  // It speaks of somebody whom it does not name: then nobody knows who gets it.
  return { id, words, refused: refused.length > 0 ? refused : [{ address: '', kind: 'suppressed', words }] }
}

/** A list of such answers, in the order of the messages. */
export function postmarkBatchAcceptance(
  { json }: Pick<Answer, 'json'>,
  messages: readonly unknown[],
): readonly (Acceptance | undefined)[] | undefined {
  if (!Array.isArray(json) || json.length > messages.length) return undefined
  return json.map((one: unknown) => postmarkAcceptance({ json: one }))
}
