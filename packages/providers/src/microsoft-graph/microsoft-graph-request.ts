import { MailError, type Message } from '@loudmail/core'
import type { ComposedMessage } from '@loudmail/core/transport'
import type { ApiRequest } from '../api/call-api.ts'
import { mimeBody, type MimeOptions } from '../api/mime-body.ts'
import { attachmentBytes, filesOf } from '../api/parts.ts'
import type { Item, Steps } from '../api/provider-api.ts'
import { invalid } from '../api/provider-data.ts'
import { draftRequest, withFiles, withoutFiles } from './microsoft-graph-draft.ts'
import { jsonRequest } from './microsoft-graph-json.ts'

/** What `transportData.microsoftGraph` may contain. */
export interface MicrosoftGraphData {
  /** Whether the message is kept in Sent Items of the mailbox. @default the option of the transport */
  readonly saveToSentItems?: boolean | undefined
}

/** How messages are sent. */
export interface GraphSettings extends MimeOptions {
  /** The path of the mailbox, such as `/v1.0/me`. */
  readonly mailbox: string
  readonly saveToSentItems: boolean
}

/** A request has at most about 4 MB. The message is in it in base64. */
const MOST_BODY = 4_000_000
/** The largest file that can be attached. */
export const MOST_OCTETS = 150_000_000

/**
 * The request for a message, which Exchange sends to those whom its header names.
 *
 * @see https://learn.microsoft.com/graph/outlook-send-mime-message
 */
export async function graphRequest(
  item: Item<MicrosoftGraphData>,
  settings: GraphSettings,
  steps: Steps,
): Promise<ApiRequest> {
  const { message, data, signal } = item
  const { mailbox } = settings
  const path = `${mailbox}/sendMail`
  const { saveToSentItems = settings.saveToSentItems } = data.own
  if (typeof saveToSentItems !== 'boolean')
    throw invalid('transportData.microsoftGraph.saveToSentItems must be true or false')
  if (!saveToSentItems) {
    if (settings.transform)
      throw invalid(
        'Microsoft Graph keeps every message in Sent Items that is signed or encrypted by `transform`',
        'Leave out `saveToSentItems: false`.',
      )
    const request = await jsonRequest(item, path)
    return inTime(request, 'It can be sent if it is kept in Sent Items (`saveToSentItems: true`).')
  }
  const read = message.raw ? message : await filesRead(message, signal)
  const request = {
    method: 'POST',
    path,
    headers: HEADERS,
    body: await base64(read, settings, signal),
  } as const
  if (request.body.length <= MOST_BODY) return request
  if (read.raw || settings.transform || read.attachments.length === 0)
    return inTime(
      request,
      'Attach files to a message that is composed here: only those can go up one by one.',
    )
  const { calendar: _, ...rest } = read
  const files = await filesOf(rest, signal)
  const large = read.attachments.find(({ bytes }) => bytes!.length > MOST_OCTETS)
  if (large) throw tooLarge(large.bytes!.length, MOST_OCTETS, 'Send a link to the file instead.')
  const body = await base64(withoutFiles(read), settings, signal)
  inTime({ ...request, body }, 'Shorten its text, or attach it.')
  return draftRequest(body, files, mailbox, steps)
}

const HEADERS = { 'content-type': 'text/plain', accept: 'application/json' } as const

async function filesRead(
  message: ComposedMessage,
  signal: AbortSignal | undefined,
): Promise<ComposedMessage> {
  const contents: Buffer[] = []
  for (const attachment of message.attachments) contents.push(await attachmentBytes(attachment, signal))
  return withFiles(message, contents)
}

async function base64(
  message: Message,
  options: MimeOptions,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const { transform } = options
  const { bytes } = await mimeBody(message, { transform, signal, recipientsInHeader: 'Microsoft Graph' })
  return Buffer.from(bytes.toString('base64'))
}

function inTime(request: ApiRequest, hint: string): ApiRequest {
  const { length } = request.body!
  if (length > MOST_BODY) throw tooLarge(length, MOST_BODY, hint)
  return request
}

function tooLarge(octets: number, most: number, hint: string): MailError {
  return new MailError({
    stage: 'submit',
    kind: 'message-too-large',
    summary: `this needs ${octets} octets, and Microsoft Graph takes ${most} in one request`,
    hint,
  })
}
