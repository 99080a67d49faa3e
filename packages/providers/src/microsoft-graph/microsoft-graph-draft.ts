import { MailError } from '@loudmail/core'
import { secureUrl, type ComposedMessage } from '@loudmail/core/transport'
import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import type { ApiRequest } from '../api/call-api.ts'
import { JSON_HEADERS, jsonBody, type ApiFile } from '../api/parts.ts'
import type { Steps } from '../api/provider-api.ts'
import { fileAttachment } from './microsoft-graph-json.ts'

/** A file from this size on goes up in ranges, a smaller one in one piece. */
const RANGES_FROM = 3 * 1_048_576
/** How much goes up at once: less than 4 MB. */
const RANGE = 3_932_160

/**
 * A draft that is filled with files, and the request that sends it. Nothing but that request sends anything. If it is not
 * sent, the draft is deleted.
 *
 * @param mime the message without its files, in base64
 * @param mailbox the path of the mailbox, such as `/v1.0/me`
 * @see https://learn.microsoft.com/graph/outlook-large-attachments
 */
export async function draftRequest(
  mime: Buffer,
  files: readonly ApiFile[],
  mailbox: string,
  { ask, undoWith }: Steps,
): Promise<ApiRequest> {
  const headers = { 'content-type': 'text/plain', accept: 'application/json' }
  const created = await ask({ method: 'POST', path: `${mailbox}/messages`, headers, body: mime })
  const id = textOf(fieldsOf(created.json).id)
  if (id === undefined) throw unexpected('no id of the draft')
  const draft = `${mailbox}/messages/${encodeURIComponent(id)}`
  undoWith({ method: 'DELETE', path: draft })
  for (const file of files) {
    const bytes = Buffer.from(file.base64, 'base64')
    if (bytes.length >= RANGES_FROM) await upload(file, bytes, draft, ask)
    else {
      const body = jsonBody(fileAttachment(file))
      await ask({ method: 'POST', path: `${draft}/attachments`, headers: JSON_HEADERS, body })
    }
  }
  // Graph wants no body here and takes an empty object. With one, it is known whether all of the request was written.
  return { method: 'POST', path: `${draft}/send`, headers: JSON_HEADERS, body: jsonBody({}) }
}

async function upload(
  { filename, contentType, contentId, disposition }: ApiFile,
  bytes: Buffer,
  draft: string,
  ask: Steps['ask'],
): Promise<void> {
  const item = {
    attachmentType: 'file',
    name: filename,
    size: bytes.length,
    contentType,
    ...(disposition === 'inline' && { isInline: true }),
    ...(contentId !== undefined && { contentId }),
  }
  const body = jsonBody({ AttachmentItem: item })
  const path = `${draft}/attachments/createUploadSession`
  const url = uploadUrl(await ask({ method: 'POST', path, headers: JSON_HEADERS, body }))
  for (let at = 0; at < bytes.length; at += RANGE) {
    const range = bytes.subarray(at, at + RANGE)
    const { status } = await ask({
      method: 'PUT',
      path: `${draft}/attachments (upload session)`,
      url,
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `bytes ${at}-${at + range.length - 1}/${bytes.length}`,
      },
      body: range,
    })
    // Only 201 says that the file is attached.
    if (at + RANGE >= bytes.length && status !== 201) throw unexpected('no word that the file is attached')
  }
}

/** Where the file goes. The address is as good as an access token. */
function uploadUrl({ json }: Answer): string {
  const given = fieldsOf(json).uploadUrl
  try {
    return secureUrl('microsoftGraph()', 'uploadUrl', given).href
  } catch {
    throw unexpected('no address for an upload')
  }
}

function unexpected(what: string): MailError {
  return new MailError({
    stage: 'submit',
    kind: 'protocol',
    summary: `the answer is not what Microsoft documents: it has ${what}`,
    hint: 'Nothing was sent. Try again later; check the option `url` if you set it.',
  })
}

/** The message with the files in memory that were read. They are read once, even if they are streams. */
export function withFiles(message: ComposedMessage, contents: readonly Buffer[]): ComposedMessage {
  return replaced(message, {
    attachments: message.attachments.map((attachment, index) => {
      const bytes = contents[index]!
      return {
        ...attachment,
        bytes,
        size: () => bytes.length,
        async *open() {
          yield bytes
        },
      }
    }),
  })
}

/** The message without its files. */
export function withoutFiles(message: ComposedMessage): ComposedMessage {
  return replaced(message, { attachments: [] })
}

function replaced(message: ComposedMessage, changes: Partial<ComposedMessage>): ComposedMessage {
  const { replayable } = message
  return {
    ...message,
    ...changes,
    replayable,
    forRecipients: (...recipients) => message.forRecipients(...recipients),
  }
}
