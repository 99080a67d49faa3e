import type { MailError } from '@loudmail/core'
import { asSentence } from './as-sentence.ts'

/** What happened, as a sentence without the server's words, which stand beside it. */
export function whatHappened({ summary, reply }: MailError): string {
  const end = reply ? summary.search(new RegExp(`: ${reply.code}(?: |$)`)) : -1
  return asSentence(end < 0 ? summary : summary.slice(0, end))
}
