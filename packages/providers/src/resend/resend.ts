import type { Transport } from '@loudmail/core'
import { checkOptions, configError, credential, Secrets } from '@loudmail/core/transport'
import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { API_OPTIONS, endpointOf, type ApiOptions } from '../api/api-options.ts'
import { ApiTransport } from '../api/api-transport.ts'
import { readApiUrl } from '../api/api-url.ts'
import { JSON_HEADERS } from '../api/parts.ts'
import type { Acceptance, ProviderApi, Refusal } from '../api/provider-api.ts'
import type { Support } from '../api/support.ts'
import { resendRefusal } from './resend-failures.ts'
import { resendRequest, type ResendData } from './resend-request.ts'

/** The options of {@link resend}. */
export interface ResendOptions extends ApiOptions {
  /** The API key: `re_...`. */
  readonly key: string
}

const HOUR_MS = 3_600_000

export const RESEND_SUPPORT: Support = {
  mime: false,
  attachments: true,
  inlineImages: true,
  calendar: true,
  tags: true,
  metadata: true,
  scheduleMs: 720 * HOUR_MS,
  idempotencyMs: 24 * HOUR_MS,
  batch: 1,
  recipients: 50,
  octets: 40_000_000,
  perRecipient: false,
  verify: true,
  webhook: 'resendWebhook',
}

/**
 * Sends through the API of Resend.
 *
 * @param options the API key, or a URL: `resend://re_123@`
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function resend(options: ResendOptions | URL): Transport {
  const given = options instanceof URL ? optionsOf(options) : options
  checkOptions(given, 'resend()', { ...API_OPTIONS, key: true })
  const key = credential('resend()', 'key', given.key)
  const api: ProviderApi<ResendData> = {
    id: 'resend',
    title: 'Resend',
    endpoint: endpointOf('resend()', 'https://api.resend.com', given),
    secrets: new Secrets([key]),
    support: RESEND_SUPPORT,
    ownFields: { topicId: true },
    authorize: (_request, { renew }) => (renew ? undefined : { authorization: `Bearer ${key}` }),
    request: resendRequest,
    accepted: resendAcceptance,
    refused: resendRefusal,
    check: { method: 'GET', path: '/domains', headers: JSON_HEADERS },
    checked: sendingKey,
  }
  return new ApiTransport(api)
}

function optionsOf(url: URL): ResendOptions {
  const { user, password, host, options } = readApiUrl(url)
  if (password !== '' || host !== undefined)
    throw configError('a resend:// URL holds only an API key: resend://re_123@')
  return { key: user, ...options }
}

/** `{ "id": "49a3999c-..." }` */
function resendAcceptance({ json }: Answer): Acceptance | undefined {
  const id = textOf(fieldsOf(json).id)
  return id === undefined ? undefined : { id, words: id }
}

/** A key that may only send is not shown the domains, and is right all the same. */
function sendingKey(answer: Answer): Refusal | undefined {
  if (fieldsOf(answer.json).name === 'restricted_api_key') return undefined
  return resendRefusal(answer) ?? { kind: 'bad-credentials' }
}
