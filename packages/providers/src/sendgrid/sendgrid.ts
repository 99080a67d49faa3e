import type { Message, Transport } from '@loudmail/core'
import { checkOptions, configError, credential, Secrets } from '@loudmail/core/transport'
import { fieldsOf, type Answer } from '../api/answer.ts'
import { API_OPTIONS, endpointOf, type ApiOptions } from '../api/api-options.ts'
import { ApiTransport } from '../api/api-transport.ts'
import { readApiUrl } from '../api/api-url.ts'
import { JSON_HEADERS } from '../api/parts.ts'
import type { Acceptance, ProviderApi, Refusal } from '../api/provider-api.ts'
import type { Support } from '../api/support.ts'
import { SENDGRID_FIELDS, type SendgridData } from './sendgrid-data.ts'
import { sendgridRefusal } from './sendgrid-failures.ts'
import { sendgridRequest } from './sendgrid-request.ts'

/** The options of {@link sendgrid}. */
export interface SendgridOptions extends ApiOptions {
  /** The API key: `SG....`. The permission Mail Send is enough. */
  readonly key: string | undefined
  /** Where the account is: `eu` for a regional subuser in the EU. It excludes `url`. @default 'global' */
  readonly region?: 'global' | 'eu' | undefined
}

const REGIONS = { global: 'https://api.sendgrid.com', eu: 'https://api.eu.sendgrid.com' } as const
const HOUR_MS = 3_600_000

export const SENDGRID_SUPPORT: Support = {
  mime: false,
  attachments: true,
  inlineImages: true,
  calendar: true,
  tags: true,
  metadata: true,
  scheduleMs: 72 * HOUR_MS,
  idempotencyMs: 0,
  batch: 1,
  recipients: 1_000,
  octets: 30_000_000,
  perRecipient: false,
  verify: true,
  webhook: 'sendgridWebhook',
}

/**
 * Sends through the API of SendGrid.
 *
 * @param options the API key, or a URL: `sendgrid://SG.123@` or `sendgrid://SG.123@?region=eu`
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function sendgrid(options: SendgridOptions | URL): Transport {
  const given = options instanceof URL ? optionsOf(options) : options
  checkOptions(given, 'sendgrid()', { ...API_OPTIONS, key: true, region: true })
  const key = credential('sendgrid()', 'key', given.key)
  const { region = 'global' } = given
  if (!Object.hasOwn(REGIONS, region)) throw configError('sendgrid() region must be global or eu')
  if (given.region !== undefined && given.url !== undefined)
    throw configError('sendgrid() takes region or url, and not both')
  const api: ProviderApi<SendgridData> = {
    id: 'sendgrid',
    title: 'SendGrid',
    endpoint: endpointOf('sendgrid()', REGIONS[region], given),
    secrets: new Secrets([key]),
    support: SENDGRID_SUPPORT,
    ownFields: SENDGRID_FIELDS,
    authorize: (_request, { renew }) => (renew ? undefined : { authorization: `Bearer ${key}` }),
    request: sendgridRequest,
    accepted: sendgridAcceptance,
    refused: sendgridRefusal,
    check: { method: 'GET', path: '/v3/scopes', headers: JSON_HEADERS },
    granted: maySend,
    checked: (answer) => checkedKey(answer),
  }
  return new ApiTransport(api)
}

function optionsOf(url: URL): SendgridOptions {
  const { user, password, host, parameters, options } = readApiUrl(url, ['region'])
  if (password !== '' || host !== undefined)
    throw configError('a sendgrid:// URL holds only an API key: sendgrid://SG.123@')
  const { region } = parameters
  return { key: user, ...options, ...(region !== undefined && { region: region as 'eu' }) }
}

/** Nothing in the body, and the id in a header field. SendGrid answers 200 if it was asked to check the message only. */
function sendgridAcceptance({ status, headers, text }: Answer, message: Message): Acceptance | undefined {
  const { sandboxMode } = fieldsOf(message.transportData?.sendgrid)
  const isDiscarded = status === 200 && sandboxMode === true
  if ((status !== 202 && !isDiscarded) || text.trim() !== '') return undefined
  const id = headers.get('x-message-id') ?? undefined
  return { id, words: id ?? (isDiscarded ? 'checked, and not sent' : 'accepted'), isDiscarded }
}

const NO_PERMISSION: Refusal = {
  kind: 'policy',
  hint: 'Give the API key the permission Mail Send, at app.sendgrid.com under Settings > API Keys.',
}

/** `{ "scopes": ["mail.send"] }`: what the key may do. */
function maySend({ json }: Answer): Refusal | undefined {
  const { scopes } = fieldsOf(json)
  return Array.isArray(scopes) && !scopes.includes('mail.send') ? NO_PERMISSION : undefined
}

/** A key that may not list its permissions is right all the same. */
function checkedKey(answer: Answer): Refusal | undefined {
  if (answer.status === 403 && /access forbidden/i.test(answer.text)) return undefined
  return sendgridRefusal(answer, undefined)
}
