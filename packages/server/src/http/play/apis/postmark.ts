import { addresses, fields, list, recipients, text } from '../fields.ts'
import { NotWellFormed, readEach, type PostedMessage, type ProviderApi } from '../provider-api.ts'

/** POST /email and POST /email/batch. */
export const postmarkApi: ProviderApi = {
  path: /^\/email(?:\/batch)?$/,
  check: { path: '/server', body: { ID: 1, Name: 'server' } },
  hasCredentials: ({ headers }) => headers['x-postmark-server-token'] !== undefined,
  failures: { noCredentials: 'code-10', notWellFormed: 'code-402' },
  id: (number) => `7c2d3e4f-0000-4b5c-8d9e-${number.toString(16).padStart(12, '0')}`,
  read: ({ path, json }) => (path === '/email' ? [message(json)] : readEach(list(json), message)),
  answer: (outcomes, { path, json }) => {
    const messages = path === '/email' ? [json] : list(json)
    const results = outcomes.map((outcome, index) =>
      typeof outcome === 'string' ? accepted(outcome, messages[index]) : outcome.body,
    )
    return { status: 200, body: path === '/email' ? results[0] : results }
  },
}

function accepted(id: string, posted: unknown): Readonly<Record<string, unknown>> {
  const { To } = fields(posted)
  return { To, SubmittedAt: new Date().toISOString(), MessageID: id, ErrorCode: 0, Message: 'OK' }
}

function message(value: unknown): PostedMessage {
  const { From, To, Cc, Bcc, Subject, TextBody, HtmlBody } = fields(value)
  if (addresses(From).length === 0) throw new NotWellFormed('code-300-address')
  if (TextBody === undefined && HtmlBody === undefined) throw new NotWellFormed('code-300-no-content')
  return { to: recipients(addresses(To), addresses(Cc), addresses(Bcc)), subject: text(Subject) }
}
