import type { Transport } from '@loudmail/core'
import { checkOptions, configError, credential, Secrets } from '@loudmail/core/transport'
import { API_OPTIONS, endpointOf } from '../api/api-options.ts'
import { ApiTransport } from '../api/api-transport.ts'
import { readApiUrl } from '../api/api-url.ts'
import { batchingOf, batchParameter, type BatchableOptions } from '../api/batch-options.ts'
import { JSON_HEADERS } from '../api/parts.ts'
import type { ProviderApi } from '../api/provider-api.ts'
import type { Support } from '../api/support.ts'
import { postmarkAcceptance, postmarkBatchAcceptance } from './postmark-answers.ts'
import { checkPostmarkData, type PostmarkData } from './postmark-data.ts'
import { postmarkRefusal } from './postmark-failures.ts'
import {
  MOST_RECIPIENTS,
  postmarkBatch,
  postmarkPart,
  postmarkRequest,
  postmarkSingle,
} from './postmark-request.ts'

/** The options of {@link postmark}. */
export interface PostmarkOptions
  extends BatchableOptions, Pick<PostmarkData, 'messageStream' | 'trackOpens' | 'trackLinks'> {
  /** The token of a server at Postmark. */
  readonly token: string | undefined
}

const MOST_IN_A_BATCH = 500
const OWN_FIELDS = {
  messageStream: true,
  trackOpens: true,
  trackLinks: true,
  templateAlias: true,
  templateModel: true,
} as const

export const POSTMARK_SUPPORT: Support = {
  mime: false,
  attachments: true,
  inlineImages: true,
  calendar: true,
  tags: true,
  metadata: true,
  scheduleMs: 0,
  idempotencyMs: 0,
  batch: MOST_IN_A_BATCH,
  recipients: MOST_RECIPIENTS,
  octets: 10_000_000,
  perRecipient: true,
  verify: true,
  webhook: 'postmarkWebhook',
}

/**
 * Sends through the API of Postmark.
 *
 * @param options the token of a server, or a URL: `postmark://token@`, `postmark://token@?messageStream=broadcast&batch=true`
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function postmark(options: PostmarkOptions | URL): Transport {
  const given = options instanceof URL ? optionsOf(options) : options
  const { messageStream, trackOpens, trackLinks } = OWN_FIELDS
  const known = { ...API_OPTIONS, token: true, batch: true, messageStream, trackOpens, trackLinks } as const
  checkOptions(given, 'postmark()', known)
  const token = credential('postmark()', 'token', given.token)
  const defaults = defaultsOf(given)
  const api: ProviderApi<PostmarkData> = {
    id: 'postmark',
    title: 'Postmark',
    endpoint: endpointOf('postmark()', 'https://api.postmarkapp.com', given),
    secrets: new Secrets([token]),
    support: POSTMARK_SUPPORT,
    ownFields: OWN_FIELDS,
    authorize: (_request, { renew }) => (renew ? undefined : { 'x-postmark-server-token': token }),
    request: (item) => postmarkRequest(item, defaults),
    accepted: postmarkAcceptance,
    refused: postmarkRefusal,
    check: { method: 'GET', path: '/server', headers: JSON_HEADERS },
    batch: {
      most: MOST_IN_A_BATCH,
      octets: 50_000_000,
      takes: ({ data }) => data.own.templateAlias === undefined,
      part: (item) => postmarkPart(item, defaults),
      single: postmarkSingle,
      request: postmarkBatch,
      accepted: postmarkBatchAcceptance,
    },
  }
  return new ApiTransport(api, batchingOf('postmark()', given.batch, MOST_IN_A_BATCH))
}

function defaultsOf({ messageStream, trackOpens, trackLinks }: PostmarkOptions): PostmarkData {
  const defaults = {
    ...(messageStream !== undefined && { messageStream }),
    ...(trackOpens !== undefined && { trackOpens }),
    ...(trackLinks !== undefined && { trackLinks }),
  }
  checkPostmarkData('postmark()', defaults, configError)
  return defaults
}

function optionsOf(url: URL): PostmarkOptions {
  const known = ['messageStream', 'trackOpens', 'trackLinks', 'batch']
  const { user, password, host, parameters, options } = readApiUrl(url, known)
  if (password !== '' || host !== undefined)
    throw configError('a postmark:// URL holds only the token of a server: postmark://token@')
  const { messageStream, trackOpens, trackLinks, batch } = parameters
  if (trackOpens !== undefined && trackOpens !== 'true' && trackOpens !== 'false')
    throw configError('the postmark:// URL parameter trackOpens must be true or false')
  return {
    token: user,
    ...options,
    messageStream,
    trackOpens: trackOpens === undefined ? undefined : trackOpens === 'true',
    trackLinks: trackLinks as PostmarkOptions['trackLinks'],
    batch: batchParameter('postmark()', batch),
  }
}
