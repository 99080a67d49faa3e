import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { kindOfStatus } from '../api/by-status.ts'
import type { Acceptance, Refusal } from '../api/provider-api.ts'
import { resendBatchRefusal, resendRefusal } from './resend-failures.ts'

/** `{ "id": "49a3999c-..." }` */
export function resendAcceptance({ json }: Pick<Answer, 'json'>): Acceptance | undefined {
  const id = textOf(fieldsOf(json).id)
  return id === undefined ? undefined : { id, words: id }
}

/**
 * `{ "data": [{ "id": "49a3999c-..." }], "errors": [{ "index": 1, "message": "..." }] }`: the errors say which message they
 * are about, and the ids are those of the others, in their order.
 *
 * @see https://resend.com/docs/api-reference/emails/send-batch-emails
 */
export function resendBatchAcceptance(
  { json }: Pick<Answer, 'json'>,
  messages: readonly unknown[],
): readonly (Acceptance | undefined)[] | undefined {
  const { data, errors = [] } = fieldsOf(json)
  if (!Array.isArray(data) || !Array.isArray(errors)) return undefined
  if (data.length + errors.length > messages.length) return undefined
  const refused = new Map<number, Refusal>()
  for (const error of errors) {
    const { index, message } = fieldsOf(error)
    if (typeof index !== 'number' || !(index in messages) || refused.has(index)) return undefined
    refused.set(index, resendBatchRefusal(textOf(message) ?? ''))
  }
  let next = 0
  return messages.map((_, index) => {
    const refusal = refused.get(index)
    return refusal ? { refusal } : resendAcceptance({ json: data[next++] })
  })
}

/** A key that may only send is not shown the domains, and is right all the same. */
export function sendingKey(answer: Answer): Refusal | undefined {
  if (fieldsOf(answer.json).name === 'restricted_api_key') return undefined
  return resendRefusal(answer) ?? { kind: kindOfStatus(answer.status) }
}
