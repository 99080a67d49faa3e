import type { Message, Transport } from '@loudmail/core'
import { checkNumber, checkOptions, configError, credential, Secrets } from '@loudmail/core/transport'
import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { API_OPTIONS, endpointOf, type ApiOptions } from '../api/api-options.ts'
import { ApiTransport } from '../api/api-transport.ts'
import { readApiUrl } from '../api/api-url.ts'
import { MIME_OPTIONS, mimeOptionsOf, type MimeOptions } from '../api/mime-body.ts'
import type { Acceptance, ProviderApi } from '../api/provider-api.ts'
import type { Support } from '../api/support.ts'
import { emptyForm } from './mailgun-form.ts'
import { mailgunCheck, mailgunRefusal } from './mailgun-failures.ts'
import { MAILGUN_FIELDS, mailgunRequest, type MailgunData } from './mailgun-request.ts'

/** The options of {@link mailgun}. */
export interface MailgunOptions extends ApiOptions, MimeOptions {
  /** An API key of the account, or a sending key of the domain. Undefined is an error, as from an environment variable that is not set. */
  readonly key: string | undefined
  /** The domain at Mailgun that the mail is sent with, such as `mg.example.com`. */
  readonly domain: string
  /** Where the domain is. `url` takes precedence over it. @default 'us' */
  readonly region?: 'us' | 'eu' | undefined
  /** How many days ahead your plan lets you schedule a message: 3, or 7 if it stores messages for 7 days. @default 3 */
  readonly scheduleDays?: number | undefined
}

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 3

export const MAILGUN_SUPPORT: Support = {
  mime: true,
  attachments: true,
  inlineImages: true,
  calendar: true,
  tags: true,
  metadata: true,
  scheduleMs: DEFAULT_DAYS * DAY_MS,
  idempotencyMs: 0,
  batch: 1,
  recipients: 1_000,
  octets: 25_000_000,
  perRecipient: false,
  verify: true,
  webhook: 'mailgunWebhook',
}

const OPTIONS = {
  ...API_OPTIONS,
  ...MIME_OPTIONS,
  key: true,
  domain: true,
  region: true,
  scheduleDays: true,
} as const
const REGIONS = { us: 'https://api.mailgun.net', eu: 'https://api.eu.mailgun.net' } as const
const DOMAIN = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]+$/

/**
 * Sends through the API of Mailgun. The message is composed here, so that it is the one that `smtp()` would send.
 *
 * @param options the key and the domain, or a URL: `mailgun://key@mg.example.com?region=eu`
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function mailgun(options: MailgunOptions | URL): Transport {
  const given = options instanceof URL ? optionsOf(options) : options
  checkOptions(given, 'mailgun()', OPTIONS)
  const key = credential('mailgun()', 'key', given.key)
  const { domain, region = 'us', scheduleDays = DEFAULT_DAYS } = given
  if (typeof domain !== 'string' || !DOMAIN.test(domain))
    throw configError('mailgun() domain must be the domain at Mailgun, such as mg.example.com')
  if (!Object.hasOwn(REGIONS, region)) throw configError("mailgun() region must be 'us' or 'eu'")
  checkNumber(scheduleDays, 'mailgun() scheduleDays', 0)
  const basic = Buffer.from(`api:${key}`).toString('base64')
  const mime = mimeOptionsOf('mailgun()', given)
  const support = { ...MAILGUN_SUPPORT, scheduleMs: scheduleDays * DAY_MS }
  const path = `/v3/${domain}/messages.mime`
  const api: ProviderApi<MailgunData> = {
    id: 'mailgun',
    title: 'Mailgun',
    endpoint: endpointOf('mailgun()', REGIONS[region], given),
    secrets: new Secrets([key, basic]),
    support,
    ownFields: MAILGUN_FIELDS,
    requireTlsHint:
      'Mailgun can promise TLS up to the server of the recipient: set `transportData.mailgun.requireTls` in place of `requireTlsOnward`.',
    authorize: (_request, { renew }) => (renew ? undefined : { authorization: `Basic ${basic}` }),
    request: (item) => mailgunRequest(item, { path, mime, support }),
    accepted: mailgunAcceptance,
    refused: mailgunRefusal,
    // A message without recipients is not sent, and keys that may only send are asked for nothing else.
    check: { method: 'POST', path, ...emptyForm() },
    checked: mailgunCheck,
  }
  return new ApiTransport(api)
}

function optionsOf(url: URL): MailgunOptions {
  const { user, password, host, parameters, options } = readApiUrl(url, ['region', 'scheduleDays'])
  if (password !== '' || host === undefined)
    throw configError('a mailgun:// URL holds an API key and a domain: mailgun://key@mg.example.com')
  const { region, scheduleDays } = parameters
  return {
    ...options,
    key: user,
    domain: host,
    ...(region !== undefined && { region: region as 'us' | 'eu' }),
    ...(scheduleDays !== undefined && { scheduleDays: Number(scheduleDays) }),
  }
}

/** `{ "id": "<2026...@mg.example.com>", "message": "Queued. Thank you." }` */
function mailgunAcceptance({ json }: Answer, { transportData }: Message): Acceptance | undefined {
  const fields = fieldsOf(json)
  const id = textOf(fields.id)
  if (id === undefined) return undefined
  const { testMode } = fieldsOf(transportData?.mailgun)
  return { id, words: textOf(fields.message) ?? id, isDiscarded: testMode === true }
}
