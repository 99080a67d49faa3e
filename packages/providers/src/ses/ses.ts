import type { Transport } from '@loudmail/core'
import { checkOptions, configError, Secrets } from '@loudmail/core/transport'
import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { kindOfStatus } from '../api/by-status.ts'
import { API_OPTIONS, endpointOf, type ApiOptions } from '../api/api-options.ts'
import { ApiTransport } from '../api/api-transport.ts'
import { readApiUrl } from '../api/api-url.ts'
import { MIME_OPTIONS, mimeOptionsOf, type MimeOptions } from '../api/mime-body.ts'
import { JSON_HEADERS } from '../api/parts.ts'
import type { Acceptance, ProviderApi, Refusal } from '../api/provider-api.ts'
import type { Support } from '../api/support.ts'
import { credentialSource, type CredentialOptions } from './aws-credentials.ts'
import { plainName, sesCode, sesRefusal } from './ses-failures.ts'
import { SES_FIELDS, sesRequest, type SesData } from './ses-request.ts'
import { sesSigner } from './ses-signer.ts'
import { signatureFields } from './sign-request.ts'

/** The options of {@link ses}. */
export interface SesOptions extends ApiOptions, MimeOptions, CredentialOptions {
  /** Such as `eu-west-1`. @default the environment variable AWS_REGION, or AWS_DEFAULT_REGION */
  readonly region?: string | undefined
  /** The name of the configuration set for all messages. @default that of the identity at SES */
  readonly configurationSet?: string | undefined
}

export const SES_SUPPORT: Support = {
  mime: true,
  attachments: true,
  inlineImages: true,
  calendar: true,
  tags: true,
  metadata: true,
  scheduleMs: 0,
  idempotencyMs: 0,
  batch: 1,
  recipients: 50,
  octets: 40_000_000,
  perRecipient: false,
  verify: true,
  webhook: 'sesWebhook',
}

const OPTIONS = {
  ...API_OPTIONS,
  ...MIME_OPTIONS,
  region: true,
  configurationSet: true,
  accessKeyId: true,
  secretAccessKey: true,
  sessionToken: true,
  credentials: true,
} as const
const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d{1,2}$/

/**
 * Sends through the API of Amazon SES (version 2). The message is composed here, so that it is the one that `smtp()` would
 * send. SES puts its own Message-ID and its own Date into it.
 *
 * @param options the region and the key, or a URL: `ses://AKIA123:secret@eu-west-1`, `ses://eu-west-1` or `ses:`
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function ses(options: SesOptions | URL = {}): Transport {
  const given = options instanceof URL ? optionsOf(options) : options
  checkOptions(given, 'ses()', OPTIONS)
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env
  const region = given.region ?? (AWS_REGION || AWS_DEFAULT_REGION)
  if (region === undefined)
    throw configError('ses() region is missing: set it, or the environment variable AWS_REGION')
  if (typeof region !== 'string' || !REGION.test(region))
    throw configError('ses() region must be the name of a region, such as eu-west-1')
  const { configurationSet } = given
  if (configurationSet !== undefined && !textOf(configurationSet))
    throw configError('ses() configurationSet must be the name of a configuration set')
  const secrets = new Secrets()
  const keys = credentialSource(given, secrets)
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const endpoint = endpointOf('ses()', `https://email.${region}.${domain}`, given)
  const { dkim, transform } = mimeOptionsOf('ses()', given)
  const mime = { dkim: sesSigner(dkim), transform }
  const api: ProviderApi<SesData> = {
    id: 'ses',
    title: 'Amazon SES',
    endpoint,
    secrets,
    support: SES_SUPPORT,
    ownFields: SES_FIELDS,
    requireTlsHint:
      'Amazon SES can promise TLS up to the server of the recipient: use a configuration set whose TLS policy is Require, in place of `requireTlsOnward`.',
    authorize: async (request, { renew }) => {
      const key = await keys.get(renew)
      return key && signatureFields(request, key, { base: endpoint.base, region })
    },
    refusesCredentials: (answer) => OLD_KEY.includes(plainName(sesCode(answer) ?? '')),
    request: (item) => sesRequest(item, { configurationSet, mime, support: SES_SUPPORT }),
    accepted: sesAcceptance,
    refused: sesRefusal,
    check: { method: 'GET', path: '/v2/email/account', headers: JSON_HEADERS },
    checked: sesCheck,
    granted: sesAccount,
  }
  return new ApiTransport(api)
}

/** A key that was right once: a new one may be right now. */
const OLD_KEY = ['ExpiredToken', 'TokenRefreshRequired', 'UnrecognizedClient', 'InvalidClientTokenId']

function optionsOf(url: URL): SesOptions {
  const { user, password, host, parameters, options } = readApiUrl(url, ['configurationSet'])
  if ((user === '') !== (password === ''))
    throw configError(
      'a ses:// URL holds an access key, its secret and a region: ses://AKIA123:secret@eu-west-1',
    )
  const { configurationSet } = parameters
  return {
    ...options,
    ...(user !== '' && { accessKeyId: user, secretAccessKey: password }),
    ...(host !== undefined && { region: host }),
    ...(configurationSet !== undefined && { configurationSet }),
  }
}

/** `{ "MessageId": "0102018d..." }` */
function sesAcceptance({ json }: Answer): Acceptance | undefined {
  const id = textOf(fieldsOf(json).MessageId)
  return id === undefined ? undefined : { id, words: id }
}

/** `{ "SendingEnabled": true, "EnforcementStatus": "HEALTHY", ... }` */
function sesAccount({ json }: Answer): Refusal | undefined {
  const { SendingEnabled, EnforcementStatus } = fieldsOf(json)
  if (SendingEnabled !== false && EnforcementStatus !== 'SHUTDOWN') return undefined
  return {
    kind: 'account-blocked',
    words: 'sending is paused for this account',
    hint: 'Look at "Account dashboard" in the Amazon SES console of this region.',
  }
}

/** A key that may only send is not shown the account, and is right all the same: its signature was read before. */
function sesCheck(answer: Answer): Refusal | undefined {
  if (plainName(sesCode(answer) ?? '') === 'AccessDenied') return undefined
  return sesRefusal(answer) ?? { kind: kindOfStatus(answer.status) }
}
