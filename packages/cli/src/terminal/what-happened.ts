import type { MailError } from '@loudmail/core'

/** What happened, as a sentence without the server's words, which stand beside it. */
export function whatHappened({ summary, reply }: MailError): string {
  const end = reply ? summary.search(new RegExp(`: ${reply.code}(?: |$)`)) : -1
  return sentence(end < 0 ? summary : summary.slice(0, end))
}

/** A text that begins with a capital letter, unless that is the name of a function, and ends with a full stop. */
function sentence(text: string): string {
  const trimmed = text.trim()
  const isName = /^\w+\(/.test(trimmed)
  return (
    (isName ? trimmed : trimmed.charAt(0).toUpperCase() + trimmed.slice(1)) +
    (/[.!?:]$/.test(trimmed) ? '' : '.')
  )
}
