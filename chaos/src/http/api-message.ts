import { END } from '../record.ts'

/** The provider whose API a server plays. */
export type ApiName = 'resend' | 'postmark'

/** A message as it is in a request. */
export interface ApiMessage {
  readonly id: string
  readonly recipients: readonly string[]
  /** It goes to its very end. */
  readonly isWhole: boolean
}

type Body = Readonly<Record<string, unknown>>

/** Reads the body of a request by the names of the fields that the provider documents. */
export function readApiMessage(name: ApiName, body: Buffer): ApiMessage | undefined {
  let json: Body
  try {
    json = JSON.parse(body.toString()) as Body
  } catch {
    return undefined
  }
  const [to, cc, bcc, subject, text, files] =
    name === 'resend'
      ? [json.to, json.cc, json.bcc, json.subject, json.text, json.attachments]
      : [json.To, json.Cc, json.Bcc, json.Subject, json.TextBody, json.Attachments]
  const file = Array.isArray(files) ? (files[0] as Body | undefined) : undefined
  const content = file
    ? Buffer.from(String(file.content ?? file.Content), 'base64').toString('latin1')
    : String(text)
  return {
    id: String(subject),
    recipients: [to, cc, bcc].flatMap((list) => addressesIn(list)),
    isWhole: content.slice(-400).includes(END),
  }
}

function addressesIn(list: unknown): string[] {
  const text = Array.isArray(list) ? list.join(',') : typeof list === 'string' ? list : ''
  return [...text.matchAll(/[\w-]+@[\w.]+/g)].map(([address]) => address)
}

/** What the provider answers to a message that it took, for all or for these. */
export function takenAnswer(name: ApiName, { recipients }: ApiMessage, taken: readonly string[]): string {
  const id = crypto.randomUUID()
  if (name === 'resend') return JSON.stringify({ id })
  const refused = recipients.filter((each) => !taken.includes(each))
  const Message =
    refused.length === 0
      ? 'OK'
      : `Message OK, but will not deliver to these inactive addresses: ${refused.join(', ')}. Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression.`
  return JSON.stringify({
    To: recipients.join(','),
    SubmittedAt: new Date().toISOString(),
    MessageID: id,
    ErrorCode: 0,
    Message,
  })
}

/** What it answers to one that it refuses. */
export function refusingAnswer(name: ApiName, status: number): string {
  // What stands before a provider answers in HTML, without a code.
  if (status >= 500) return '<html><title>Chaos</title></html>'
  if (name === 'resend')
    return JSON.stringify({ statusCode: status, name: 'application_error', message: 'No' })
  return JSON.stringify({ ErrorCode: status === 429 ? 429 : 300, Message: 'No' })
}
