import type { Message, Transport } from '@loudmail/core'
import { checkOptions, configError, credential, Secrets } from '@loudmail/core/transport'
import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { API_OPTIONS, endpointOf, type ApiOptions } from '../api/api-options.ts'
import { ApiTransport } from '../api/api-transport.ts'
import { readApiUrl } from '../api/api-url.ts'
import { JSON_HEADERS } from '../api/parts.ts'
import type { Acceptance, ProviderApi } from '../api/provider-api.ts'
import type { Support } from '../api/support.ts'
import { BREVO_FIELDS, type BrevoData } from './brevo-data.ts'
import { brevoRefusal } from './brevo-failures.ts'
import { brevoRequest } from './brevo-request.ts'

/** The options of {@link brevo}. */
export interface BrevoOptions extends ApiOptions {
  /** The API key: `xkeysib-...`. */
  readonly key: string | undefined
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

export const BREVO_SUPPORT: Support = {
  mime: false,
  attachments: true,
  inlineImages: false,
  calendar: true,
  tags: true,
  metadata: true,
  scheduleMs: 72 * HOUR_MS,
  // The pages of Brevo say 15 and 30 minutes.
  idempotencyMs: 10 * MINUTE_MS,
  batch: 1,
  recipients: 99,
  octets: 20_000_000,
  perRecipient: false,
  verify: true,
  webhook: 'brevoWebhook',
}

/**
 * Sends through the API of Brevo, which was Sendinblue.
 *
 * @param options the API key, or a URL: `brevo://xkeysib-123@`
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function brevo(options: BrevoOptions | URL): Transport {
  const given = options instanceof URL ? optionsOf(options) : options
  checkOptions(given, 'brevo()', { ...API_OPTIONS, key: true })
  const key = credential('brevo()', 'key', given.key)
  const api: ProviderApi<BrevoData> = {
    id: 'brevo',
    title: 'Brevo',
    endpoint: endpointOf('brevo()', 'https://api.brevo.com', given),
    secrets: new Secrets([key]),
    support: BREVO_SUPPORT,
    ownFields: BREVO_FIELDS,
    authorize: (_request, { renew }) => (renew ? undefined : { 'api-key': key }),
    request: brevoRequest,
    accepted: brevoAcceptance,
    refused: brevoRefusal,
    check: { method: 'GET', path: '/v3/account', headers: JSON_HEADERS },
  }
  return new ApiTransport(api)
}

function optionsOf(url: URL): BrevoOptions {
  const { user, password, host, options } = readApiUrl(url)
  if (password !== '' || host !== undefined)
    throw configError('a brevo:// URL holds only an API key: brevo://xkeysib-123@')
  return { key: user, ...options }
}

/** `{ "messageId": "<...@smtp-relay.mailin.fr>" }`, or `messageIds` with one of them. */
function brevoAcceptance({ json }: Answer, message: Message): Acceptance | undefined {
  const { messageId, messageIds } = fieldsOf(json)
  const id = textOf(messageId) ?? (Array.isArray(messageIds) ? textOf(messageIds[0]) : undefined)
  if (id === undefined) return undefined
  const { sandboxMode } = fieldsOf(message.transportData?.brevo)
  return { id, words: id, isDiscarded: sandboxMode === true }
}
