/** The parts of a report that a test wants to be different. */
export interface ReportParts {
  /** Fields of the message, without line ends. */
  readonly header?: readonly string[]
  readonly type?: string
  readonly mediaType?: string
  /** The content of the machine-readable part. */
  readonly status?: string
  readonly text?: string
  /** The header of the message that it is about; empty for no such part. */
  readonly original?: string
  readonly originalType?: string
}

export const STATUS = `Reporting-MTA: dns; mx.example.com
Original-Envelope-Id: order-7
Arrival-Date: Fri, 27 Nov 2026 10:00:00 +0000

Original-Recipient: rfc822; ann@example.com
Final-Recipient: rfc822; ann.lee@mail.example.com
Action: failed
Status: 5.1.1 (bad mailbox)
Remote-MTA: dns; mail.example.com
Diagnostic-Code: smtp; 550 5.1.1 User unknown
Last-Attempt-Date: Fri, 27 Nov 2026 10:05:00 +0000
`

/** Writes a report as a mail server would. */
export function aReport({
  header = ['Date: Fri, 27 Nov 2026 10:06:00 +0000', 'Message-ID: <report-1@mx.example.com>'],
  type = 'multipart/report; report-type=delivery-status; boundary="cut"',
  mediaType = 'message/delivery-status',
  status = STATUS,
  text = 'Sorry.',
  original = 'From: shop@example.net\nMessage-ID: <order-7@example.net>\nSubject: Order\n',
  originalType = 'text/rfc822-headers',
}: ReportParts = {}): string {
  const parts = [`Content-Type: text/plain\n\n${text}\n`, `Content-Type: ${mediaType}\n\n${status}`]
  if (original !== '') parts.push(`Content-Type: ${originalType}\n\n${original}`)
  const body = parts.map((part) => `--cut\n${part}\n`).join('')
  return [...header, 'MIME-Version: 1.0', `Content-Type: ${type}`, '', `${body}--cut--\n`].join('\n')
}

/** A status about one recipient. */
export function aStatus(...fields: string[]): string {
  return `Reporting-MTA: dns; mx.example.com\n\n${fields.join('\n')}\n`
}
