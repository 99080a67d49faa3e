import type { Transport } from '@loudmail/core'
import { checkOptions, configError, Secrets } from '@loudmail/core/transport'
import { google } from '@loudmail/oauth2'
import { bearer, type AccessTokenFunction } from '../api/access-token.ts'
import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { API_OPTIONS, endpointOf, type ApiOptions } from '../api/api-options.ts'
import { ApiTransport } from '../api/api-transport.ts'
import { readApiUrl } from '../api/api-url.ts'
import { kindOfStatus } from '../api/by-status.ts'
import { userOf } from '../api/mailbox-user.ts'
import { mimeOptionsOf, type MimeOptions } from '../api/mime-body.ts'
import { JSON_HEADERS, jsonBody } from '../api/parts.ts'
import type { Acceptance, ProviderApi, Refusal } from '../api/provider-api.ts'
import type { Support } from '../api/support.ts'
import { gmailRefusal } from './gmail-failures.ts'
import { gmailRequest, MOST_OCTETS, type GmailData } from './gmail-request.ts'

/** The options of {@link gmail}. */
export interface GmailOptions extends ApiOptions, Pick<MimeOptions, 'transform'> {
  /**
   * An access token, or a function that fetches one, such as `google()` of `@loudmail/oauth2`. It needs the scope
   * `https://www.googleapis.com/auth/gmail.send`.
   */
  readonly accessToken: string | AccessTokenFunction
  /** The address of the mailbox that sends. @default that of the access token */
  readonly user?: string | undefined
}

const OWNER = 'gmail()'
const URL_OF_GMAIL = 'https://gmail.googleapis.com'

export const GMAIL_SUPPORT: Support = {
  mime: true,
  attachments: true,
  inlineImages: true,
  calendar: true,
  tags: false,
  metadata: false,
  scheduleMs: 0,
  idempotencyMs: 0,
  batch: 1,
  recipients: 500,
  octets: MOST_OCTETS,
  perRecipient: false,
  verify: true,
  webhook: undefined,
}

/**
 * Sends through the Gmail API, as the user of a mailbox of Gmail or Google Workspace.
 *
 * @param options who sends, or a URL: `gmail://CLIENT_ID:CLIENT_SECRET@?refreshToken=1%2F%2F0abc`, or with an access token
 * `gmail://ya29.abc@`
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function gmail(options: GmailOptions | URL): Transport {
  const given = options instanceof URL ? optionsOf(options) : options
  checkOptions(given, OWNER, { ...API_OPTIONS, accessToken: true, user: true, transform: true })
  const endpoint = endpointOf(OWNER, URL_OF_GMAIL, given)
  const secrets = new Secrets()
  const mime = mimeOptionsOf(OWNER, { transform: given.transform })
  const path = `/gmail/v1/users/${userOf(OWNER, given.user) ?? 'me'}/messages/send`
  const api: ProviderApi<GmailData> = {
    id: 'gmail',
    title: 'Gmail',
    endpoint,
    secrets,
    support: GMAIL_SUPPORT,
    ownFields: { threadId: true, labelIds: true },
    authorize: bearer(OWNER, given.accessToken, secrets, endpoint),
    request: (item) => gmailRequest(item, path, mime),
    accepted: gmailAcceptance,
    refused: gmailRefusal,
    // Without a message. A token that may only send can ask for nothing else.
    check: { method: 'POST', path, headers: JSON_HEADERS, body: jsonBody({}) },
    checked: missingMessage,
  }
  return new ApiTransport(api)
}

function optionsOf(url: URL): GmailOptions {
  const { user: id, password: secret, host, parameters, options } = readApiUrl(url, ['user', 'refreshToken'])
  const { user, refreshToken } = parameters
  if (host !== undefined)
    throw configError(
      'a gmail:// URL ends with an @ after the credentials: gmail://CLIENT_ID:CLIENT_SECRET@?refreshToken=...',
    )
  if ((secret === '') !== (refreshToken === undefined))
    throw configError(
      'a gmail:// URL holds an access token (gmail://ya29.abc@), or the id and the secret of an OAuth client and a refreshToken',
    )
  // Without a scope: the token may do what the user agreed to.
  const accessToken = secret === '' ? id : google({ clientId: id, clientSecret: secret, refreshToken })
  return { accessToken, user, ...options }
}

/** `{ "id": "19a0b1c2d3e40001", "threadId": "...", "labelIds": ["SENT"] }` */
function gmailAcceptance({ json }: Answer): Acceptance | undefined {
  const id = textOf(fieldsOf(json).id)
  return id === undefined ? undefined : { id, words: id }
}

/** Gmail looks at the token first, and then misses the message: this token may send. */
function missingMessage(answer: Answer): Refusal | undefined {
  const refusal = gmailRefusal(answer)
  if (answer.status === 400 && refusal?.kind === 'invalid-message') return undefined
  return refusal ?? { kind: kindOfStatus(answer.status) }
}
