import { randomUUID } from 'node:crypto'
import { MailError } from '@loudmail/core'
import type { ApiRequest } from '../api/call-api.ts'
import { mimeBody, type MimeOptions } from '../api/mime-body.ts'
import { JSON_HEADERS, jsonBody } from '../api/parts.ts'
import type { Item } from '../api/provider-api.ts'
import { invalid } from '../api/provider-data.ts'

/** What `transportData.gmail` may contain. */
export interface GmailData {
  /** The thread that the message belongs to. Gmail also wants the same subject and `inReplyTo` or `references`. */
  readonly threadId?: string | undefined
  /** The ids of labels, such as `Label_12`. Gmail knows the field; it does not promise to apply it to a message that is sent. */
  readonly labelIds?: readonly string[] | undefined
}

/** The largest message, in octets: `maxSize` in Gmail's description of the API. */
export const MOST_OCTETS = 36_700_160
/** Larger messages go to the address for uploads (Gmail names 5 MB), not as base64 in JSON. */
const MOST_INLINE = 5_000_000

/**
 * The request for a message, which Gmail sends to those whom its header names.
 *
 * @see https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send
 */
export async function gmailRequest(
  { message, data, signal }: Item<GmailData>,
  path: string,
  options: MimeOptions,
): Promise<ApiRequest> {
  const fields = fieldsOfData(data.own)
  const { bytes } = await mimeBody(message, { ...options, signal, recipientsInHeader: 'Gmail' })
  if (bytes.length > MOST_OCTETS)
    throw new MailError({
      stage: 'submit',
      kind: 'message-too-large',
      summary: `the message has ${bytes.length} octets, and Gmail takes ${MOST_OCTETS}`,
      hint: 'Attach less, or put the files somewhere else and send links to them.',
    })
  if (bytes.length <= MOST_INLINE)
    return {
      method: 'POST',
      path,
      headers: JSON_HEADERS,
      body: jsonBody({ raw: bytes.toString('base64url'), ...fields }),
    }
  return upload(path, bytes, fields)
}

function fieldsOfData({ threadId, labelIds }: GmailData): object {
  if (threadId !== undefined && (typeof threadId !== 'string' || threadId === ''))
    throw invalid('transportData.gmail.threadId must be the id of a thread')
  if (
    labelIds !== undefined &&
    !(Array.isArray(labelIds) && labelIds.every((id: unknown) => typeof id === 'string' && id !== ''))
  )
    throw invalid("transportData.gmail.labelIds must be a list of ids, such as ['Label_12']")
  return { ...(threadId !== undefined && { threadId }), ...(labelIds !== undefined && { labelIds }) }
}

/** The message as it is, beside the fields of its own if there are any. @see https://developers.google.com/workspace/gmail/api/guides/uploads */
function upload(path: string, bytes: Buffer, fields: object): ApiRequest {
  const headers = { accept: 'application/json', 'content-type': 'message/rfc822' }
  if (Object.keys(fields).length === 0)
    return { method: 'POST', path: `/upload${path}?uploadType=media`, headers, body: bytes }
  const boundary = `loudmail-${randomUUID()}`
  const before = `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(fields)}\r\n--${boundary}\r\nContent-Type: message/rfc822\r\n\r\n`
  return {
    method: 'POST',
    path: `/upload${path}?uploadType=multipart`,
    headers: { ...headers, 'content-type': `multipart/related; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(before), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  }
}
