import { fields, list, recipients, text } from '../fields.ts'
import { decodeBase64, messageOfMime } from '../mime-head.ts'
import type { ProviderApi } from '../provider-api.ts'

/** POST /v1.0/me/sendMail and POST /v1.0/users/{id}/sendMail, with JSON or with base64 of the message in MIME form. */
export const microsoftGraphApi: ProviderApi = {
  path: /^\/v1\.0\/(?:me|users\/[^/]+)\/sendMail$/,
  hasCredentials: ({ headers }) => /^Bearer \S+$/.test(headers['authorization'] ?? ''),
  failures: { noCredentials: 'InvalidAuthenticationToken', notWellFormed: 'BadRequest' },
  id: (number) => `9e4f5a6b-0000-4d5e-8f9a-${number.toString(16).padStart(12, '0')}`,
  read: (request) => {
    if (request.headers['content-type']?.startsWith('text/plain'))
      return [messageOfMime(decodeBase64(request.body.toString()))]
    const { subject, toRecipients, ccRecipients, bccRecipients } = fields(fields(request.json)['message'])
    const all = [toRecipients, ccRecipients, bccRecipients].flatMap((field) => list(field))
    const to = all.map((each) => text(fields(fields(each)['emailAddress'])['address']) ?? '')
    return [{ to: recipients(to), subject: text(subject) }]
  },
  answer: ([id]) => ({ status: 202, headers: { 'request-id': id as string } }),
}
