import { addresses, fields, list, recipients, text } from '../fields.ts'
import { NotWellFormed, readEach, type PostedMessage, type ProviderApi } from '../provider-api.ts'

/** POST /emails and POST /emails/batch, with the Idempotency-Key header. */
export const resendApi: ProviderApi = {
  path: /^\/emails(?:\/batch)?$/,
  check: { path: '/domains', body: { object: 'list', data: [] } },
  hasCredentials: ({ headers }) => /^Bearer \S+$/.test(headers['authorization'] ?? ''),
  failures: { noCredentials: 'missing-api-key', notWellFormed: 'validation-error', noPath: 'not-found' },
  idempotency: {
    key: ({ headers }) => headers['idempotency-key'],
    repeated: 'same-answer',
    otherBody: 'invalid-idempotent-request',
  },
  id: (number) => `6b1c2d3e-0000-4a5b-8c9d-${number.toString(16).padStart(12, '0')}`,
  read: ({ path, json, headers }) => {
    if ((headers['idempotency-key'] ?? 'none').length > 256)
      throw new NotWellFormed('invalid-idempotency-key')
    if (path === '/emails') return [message(json)]
    if (isPermissive(headers)) return readEach(list(json), message)
    return list(json).map((each) => message(each))
  },
  answer: (outcomes, { path, headers }) => {
    if (path === '/emails') return { status: 200, body: { id: outcomes[0] } }
    const data = outcomes.flatMap((id) => (typeof id === 'string' ? [{ id }] : []))
    if (!isPermissive(headers)) return { status: 200, body: { data } }
    const errors = outcomes.flatMap((outcome, index) =>
      typeof outcome === 'string' ? [] : [{ index, message: outcome.about }],
    )
    return { status: 200, body: { data, errors } }
  },
}

function isPermissive(headers: Readonly<Record<string, string>>): boolean {
  return headers['x-batch-validation'] === 'permissive'
}

function message(value: unknown): PostedMessage {
  const { from, to, cc, bcc, subject } = fields(value)
  if (text(from) === undefined || to === undefined || text(subject) === undefined) {
    throw new NotWellFormed('missing-required-field')
  }
  const all = [to, cc, bcc].flatMap((field) => (typeof field === 'string' ? [field] : list(field)))
  return { to: recipients(all.flatMap((each) => addresses(each))), subject: text(subject) }
}
