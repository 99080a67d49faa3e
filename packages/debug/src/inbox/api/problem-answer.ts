import { STATUS_CODES } from 'node:http'
import { answer, type Answer } from '../answer.ts'

/** An error of the API as problem details (RFC 9457). */
export function problemAnswer(
  status: number,
  detail: string,
  headers?: Readonly<Record<string, string>>,
): Answer {
  const body = JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail })
  return answer(status, 'application/problem+json', `${body}\n`, headers)
}
