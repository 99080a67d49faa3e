import { fields, text } from '../fields.ts'
import { decodeBase64, messageOfMime } from '../mime-head.ts'
import type { ProviderApi } from '../provider-api.ts'

/** POST /gmail/v1/users/{id}/messages/send with JSON, and below /upload with the message itself. */
export const gmailApi: ProviderApi = {
  path: /^(?:\/upload)?\/gmail\/v1\/users\/[^/]+\/messages\/send$/,
  hasCredentials: ({ headers }) => /^Bearer \S+$/.test(headers['authorization'] ?? ''),
  failures: { noCredentials: 'authError', notWellFormed: 'badRequest', noPath: 'notFound' },
  id: (number) => `19a0${number.toString(16).padStart(12, '0')}`,
  read: (request) => {
    if (request.headers['content-type']?.startsWith('message/rfc822')) return [messageOfMime(request.body)]
    return [messageOfMime(decodeBase64(text(fields(request.json)['raw']) ?? ''))]
  },
  answer: ([id]) => ({ status: 200, body: { id, threadId: id, labelIds: ['SENT'] } }),
}
