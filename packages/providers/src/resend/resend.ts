import type { Transport } from '@loudmail/core'
import { checkOptions, configError, credential, Secrets } from '@loudmail/core/transport'
import { API_OPTIONS, endpointOf } from '../api/api-options.ts'
import { ApiTransport } from '../api/api-transport.ts'
import { readApiUrl } from '../api/api-url.ts'
import { batchingOf, batchParameter, type BatchableOptions } from '../api/batch-options.ts'
import { JSON_HEADERS } from '../api/parts.ts'
import type { ProviderApi } from '../api/provider-api.ts'
import type { Support } from '../api/support.ts'
import { resendAcceptance, resendBatchAcceptance, sendingKey } from './resend-answers.ts'
import { resendRefusal } from './resend-failures.ts'
import { resendBatch, resendPart, resendRequest, resendSingle, type ResendData } from './resend-request.ts'

/** The options of {@link resend}. */
export interface ResendOptions extends BatchableOptions {
  /** The API key: `re_...`. */
  readonly key: string | undefined
}

const HOUR_MS = 3_600_000
const MOST_IN_A_BATCH = 100

export const RESEND_SUPPORT: Support = {
  mime: false,
  attachments: true,
  inlineImages: true,
  calendar: true,
  tags: true,
  metadata: true,
  scheduleMs: 720 * HOUR_MS,
  idempotencyMs: 24 * HOUR_MS,
  batch: MOST_IN_A_BATCH,
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
  checkOptions(given, 'resend()', { ...API_OPTIONS, key: true, batch: true })
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
    batch: {
      most: MOST_IN_A_BATCH,
      octets: RESEND_SUPPORT.octets,
      takes: ({ message, data }) =>
        message.raw === undefined &&
        message.attachments.length === 0 &&
        message.calendar === undefined &&
        data.sendAt === undefined,
      part: resendPart,
      single: resendSingle,
      request: resendBatch,
      accepted: resendBatchAcceptance,
    },
  }
  return new ApiTransport(api, batchingOf('resend()', given.batch, MOST_IN_A_BATCH))
}

function optionsOf(url: URL): ResendOptions {
  const { user, password, host, options, parameters } = readApiUrl(url, ['batch'])
  if (password !== '' || host !== undefined)
    throw configError('a resend:// URL holds only an API key: resend://re_123@')
  return { key: user, ...options, batch: batchParameter('resend()', parameters.batch) }
}
