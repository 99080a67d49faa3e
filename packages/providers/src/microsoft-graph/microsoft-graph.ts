import type { Transport } from '@loudmail/core'
import { checkOptions, configError, Secrets } from '@loudmail/core/transport'
import { microsoft } from '@loudmail/oauth2'
import { bearer, type AccessTokenFunction } from '../api/access-token.ts'
import type { Answer } from '../api/answer.ts'
import { API_OPTIONS, endpointOf, type ApiOptions } from '../api/api-options.ts'
import { ApiTransport } from '../api/api-transport.ts'
import { readApiUrl } from '../api/api-url.ts'
import { kindOfStatus } from '../api/by-status.ts'
import { userOf } from '../api/mailbox-user.ts'
import { mimeOptionsOf, type MimeOptions } from '../api/mime-body.ts'
import { JSON_HEADERS, jsonBody } from '../api/parts.ts'
import type { Acceptance, ProviderApi, Refusal } from '../api/provider-api.ts'
import type { Support } from '../api/support.ts'
import { graphRefusal } from './microsoft-graph-failures.ts'
import { graphRequest, MOST_OCTETS, type MicrosoftGraphData } from './microsoft-graph-request.ts'

/** The options of {@link microsoftGraph}. */
export interface MicrosoftGraphOptions extends ApiOptions, Pick<MimeOptions, 'transform'> {
  /**
   * An access token, or a function that fetches one, such as `microsoft()` of `@loudmail/oauth2` with the scope
   * `https://graph.microsoft.com/.default`. It needs the permission Mail.Send; for attachments of more than about 2 MB also
   * Mail.ReadWrite.
   */
  readonly accessToken: string | AccessTokenFunction
  /** The address of the mailbox that sends, or its id. An app needs it. @default that of the user who signed in */
  readonly user?: string | undefined
  /** Whether messages are kept in Sent Items of the mailbox. @default true */
  readonly saveToSentItems?: boolean | undefined
}

const OWNER = 'microsoftGraph()'
const URL_OF_GRAPH = 'https://graph.microsoft.com'

export const MICROSOFT_GRAPH_SUPPORT: Support = {
  mime: true,
  attachments: true,
  inlineImages: true,
  calendar: true,
  tags: false,
  metadata: false,
  scheduleMs: 0,
  idempotencyMs: 0,
  batch: 1,
  recipients: 1_000,
  octets: MOST_OCTETS,
  perRecipient: false,
  verify: true,
  webhook: undefined,
}

/**
 * Sends through Microsoft Graph, as a mailbox of Microsoft 365 or outlook.com.
 *
 * @param options who sends, or a URL: `microsoftgraph://CLIENT_ID:CLIENT_SECRET@TENANT?user=tea%40example.com`, or with an
 * access token `microsoftgraph://eyJ0@`
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function microsoftGraph(options: MicrosoftGraphOptions | URL): Transport {
  const given = options instanceof URL ? optionsOf(options) : options
  checkOptions(given, OWNER, {
    ...API_OPTIONS,
    accessToken: true,
    user: true,
    saveToSentItems: true,
    transform: true,
  })
  const { saveToSentItems = true } = given
  if (typeof saveToSentItems !== 'boolean')
    throw configError(`${OWNER} saveToSentItems must be true or false`)
  const endpoint = endpointOf(OWNER, URL_OF_GRAPH, given)
  const secrets = new Secrets()
  const user = userOf(OWNER, given.user)
  const mailbox = user === undefined ? '/v1.0/me' : `/v1.0/users/${user}`
  const settings = { ...mimeOptionsOf(OWNER, { transform: given.transform }), mailbox, saveToSentItems }
  const api: ProviderApi<MicrosoftGraphData> = {
    id: 'microsoftGraph',
    title: 'Microsoft Graph',
    endpoint,
    secrets,
    support: MICROSOFT_GRAPH_SUPPORT,
    ownFields: { saveToSentItems: true },
    authorize: bearer(OWNER, given.accessToken, secrets, endpoint),
    request: (item, steps) => graphRequest(item, settings, steps),
    accepted: graphAcceptance,
    refused: graphRefusal,
    // To nobody. A token that may only send can ask for nothing else.
    check: {
      method: 'POST',
      path: `${mailbox}/sendMail`,
      headers: JSON_HEADERS,
      body: jsonBody({ message: { toRecipients: [] }, saveToSentItems: false }),
    },
    checked: missingRecipients,
  }
  return new ApiTransport(api)
}

function optionsOf(url: URL): MicrosoftGraphOptions {
  const { user: id, password, host, parameters, options } = readApiUrl(url, PARAMETERS)
  const { user, refreshToken, authority, saveToSentItems } = parameters
  if (saveToSentItems !== undefined && !['true', 'false'].includes(saveToSentItems))
    throw configError('saveToSentItems of a microsoftgraph:// URL must be true or false')
  const more = {
    user,
    ...(saveToSentItems !== undefined && { saveToSentItems: saveToSentItems === 'true' }),
    ...options,
  }
  if (host === undefined) {
    if (password !== '' || refreshToken !== undefined)
      throw configError(
        'a microsoftgraph:// URL with the id of an app has its tenant behind the @: microsoftgraph://CLIENT_ID:CLIENT_SECRET@TENANT',
      )
    return { accessToken: id, ...more }
  }
  const permission = refreshToken === undefined ? '.default' : 'Mail.Send offline_access'
  const accessToken = microsoft({
    tenant: host,
    clientId: id,
    clientSecret: password === '' ? undefined : password,
    refreshToken,
    authority,
    scope: `${audienceOf(options.url)}/${permission}`,
  })
  return { accessToken, ...more }
}

/** A national cloud has scopes of its own. A server on this machine, for tests, has the usual ones. */
function audienceOf(url: string | URL | undefined): string {
  const api = url === undefined || !URL.canParse(String(url)) ? undefined : new URL(url)
  return api?.protocol === 'https:' ? api.origin : URL_OF_GRAPH
}

const PARAMETERS = ['user', 'refreshToken', 'authority', 'saveToSentItems']

/** 202, and nothing else. */
function graphAcceptance({ status, text }: Answer): Acceptance | undefined {
  return status === 202 && text.trim() === '' ? { words: 'Accepted' } : undefined
}

/** Graph looks at the token and the mailbox first, and then misses the recipients: this token may send. */
function missingRecipients(answer: Answer): Refusal | undefined {
  const refusal = graphRefusal(answer)
  const isOfMessage = refusal?.kind === 'invalid-address' || refusal?.kind === 'invalid-message'
  if (answer.status === 400 && isOfMessage) return undefined
  return refusal ?? { kind: kindOfStatus(answer.status) }
}
