import { fields, list, recipients, text } from '../fields.ts'
import { NotWellFormed, type ProviderApi } from '../provider-api.ts'

/** POST /v3/mail/send. Each personalization is a message, and all of them have the same id. */
export const sendgridApi: ProviderApi = {
  path: /^\/v3\/mail\/send$/,
  check: { path: '/v3/scopes', body: { scopes: ['mail.send'] } },
  hasCredentials: ({ headers }) => /^Bearer \S+$/.test(headers['authorization'] ?? ''),
  failures: { noCredentials: 'unauthorized', notWellFormed: 'bad-json', noPath: 'not-found' },
  id: (number) => `sg${number.toString().padStart(20, '0')}`,
  read: ({ json }) => {
    const { personalizations, from, subject, content, template_id: template } = fields(json)
    if (text(fields(from)['email']) === undefined) throw new NotWellFormed('invalid-address')
    if (list(content).length === 0 && template === undefined) throw new NotWellFormed('missing-content')
    const versions = list(personalizations).map((each) => fields(each))
    if (versions.length === 0) throw new NotWellFormed()
    return versions.map(({ to, cc, bcc, subject: own }) => ({
      to: recipients(
        [to, cc, bcc].flatMap((field) => list(field)).map((each) => text(fields(each)['email']) ?? ''),
      ),
      subject: text(own ?? subject),
    }))
  },
  answer: ([id]) => ({ status: 202, headers: { 'X-Message-Id': id as string } }),
}
