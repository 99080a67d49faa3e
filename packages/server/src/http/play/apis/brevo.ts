import { fields, list, recipients, text } from '../fields.ts'
import { NotWellFormed, type PostedMessage, type ProviderApi } from '../provider-api.ts'

/** POST /v3/smtp/email, with messageVersions, and with the idempotencyKey in the field `headers`. */
export const brevoApi: ProviderApi = {
  path: /^\/v3\/smtp\/email$/,
  check: { path: '/v3/account', body: { email: 'owner@sender.example' } },
  hasCredentials: ({ headers }) => headers['api-key'] !== undefined,
  failures: { noCredentials: 'no-key', notWellFormed: 'bad-request' },
  idempotency: {
    key: ({ json }) => {
      const entries = Object.entries(fields(fields(json)['headers'] ?? {}))
      return text(entries.find(([name]) => name.toLowerCase() === 'idempotencykey')?.[1])
    },
    repeated: { failure: 'duplicate-parameter' },
    otherBody: 'duplicate-parameter',
  },
  id: (number) => `<202611271200.${number.toString().padStart(11, '0')}@smtp-relay.mailin.fr>`,
  read: ({ json }) => {
    const message = fields(json)
    if (message['sender'] === undefined && message['templateId'] === undefined) {
      throw new NotWellFormed('missing-parameter')
    }
    const versions = list(message['messageVersions'])
    if (versions.length === 0) return [posted(message)]
    return versions.map((version) => posted({ subject: message['subject'], ...fields(version) }))
  },
  answer: (ids, { json }) => {
    const { messageVersions, scheduledAt } = fields(json)
    const body = list(messageVersions).length > 0 ? { messageIds: ids } : { messageId: ids[0] }
    return { status: scheduledAt === undefined ? 201 : 202, body }
  },
}

function posted({ to, cc, bcc, subject }: Readonly<Record<string, unknown>>): PostedMessage {
  const all = [to, cc, bcc].flatMap((field) => list(field))
  return { to: recipients(all.map((each) => text(fields(each)['email']) ?? '')), subject: text(subject) }
}
