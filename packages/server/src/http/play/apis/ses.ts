import { addresses, fields, list, recipients, text } from '../fields.ts'
import { decodeBase64, messageOfMime } from '../mime-head.ts'
import { NotWellFormed, type ProviderApi } from '../provider-api.ts'

/** POST /v2/email/outbound-emails, with simple, raw and template content. */
export const sesApi: ProviderApi = {
  path: /^\/v2\/email\/outbound-emails$/,
  check: { path: '/v2/email/account', body: { SendingEnabled: true, ProductionAccessEnabled: true } },
  hasCredentials: ({ headers }) => (headers['authorization'] ?? '').startsWith('AWS4-HMAC-SHA256 '),
  failures: {
    noCredentials: 'MissingAuthenticationTokenException',
    notWellFormed: 'BadRequestException',
    noPath: 'UnknownOperationException',
  },
  id: (number) => `0102018d0000-e1f2a3b4-0000-4c5d-8e9f-${number.toString(16).padStart(12, '0')}-000000`,
  read: ({ json }) => {
    const { Destination, Content } = fields(json)
    const { ToAddresses, CcAddresses, BccAddresses } = fields(Destination ?? {})
    const given = [ToAddresses, CcAddresses, BccAddresses]
      .flatMap((field) => list(field))
      .flatMap((each) => addresses(each))
    const { Simple, Raw, Template } = fields(Content)
    if (Raw !== undefined) {
      const mime = decodeBase64(text(fields(Raw)['Data']) ?? '')
      return [messageOfMime(mime, given.length > 0 ? given : undefined)]
    }
    if (Simple === undefined && Template === undefined) throw new NotWellFormed()
    const subject = Simple === undefined ? undefined : text(fields(fields(Simple)['Subject'])['Data'])
    return [{ to: recipients(given), subject }]
  },
  answer: ([id]) => ({ status: 200, body: { MessageId: id } }),
}
