import { contentChunks, ContentError } from './content-chunks.ts'
import { bytesOf, isBlob, isStream, isTransferred, notContent, type Stream } from './content-forms.ts'
import { decodedText } from './decoded-text.ts'
import { MailError } from '../failure/mail-error.ts'
import { isMediaType } from './media-type.ts'
import type { BlobInput } from './message-input.ts'
import type { Attachment, Content } from './message.ts'

/** Content, and whether it can be read again. */
export type ContentSource = Content & { replayable: () => boolean }

export const always = (): boolean => true

/** Content with what it says about itself. */
export type FoundSource = ContentSource & Partial<Pick<Attachment, 'filename' | 'contentType'>>

/**
 * Turns the content that people write into content that can be opened.
 *
 * @param encoding of a string
 * @throws MailError `compose/invalid-message` if it is not content
 */
export function contentSource(input: unknown, field: string, encoding?: string): FoundSource {
  if (typeof input === 'string')
    return bytesSource(encoding === undefined ? Buffer.from(input) : decodedText(input, encoding, field))
  if (encoding !== undefined)
    throw invalid({
      summary: `${field} is not a string, so it has no encoding`,
      hint: 'Leave out `encoding`.',
    })
  const bytes = bytesOf(input)
  if (bytes && isTransferred(bytes))
    throw invalid({
      summary: `${field} is empty: its memory was transferred to somebody else`,
      hint: 'Pass a copy of it.',
    })
  if (bytes) return bytesSource(bytes)
  if (typeof input === 'function')
    return { replayable: always, open: (reading) => contentChunks(input as () => unknown, field, reading) }
  if (isBlob(input)) return blobSource(input, field)
  if (isStream(input)) return streamSource(input, field)
  throw invalid(notContent(input, field))
}

/** Content in memory. */
export function bytesSource(bytes: Uint8Array): ContentSource {
  return { bytes, replayable: always, open: () => once(bytes) }
}

function blobSource(blob: BlobInput & { name?: unknown }, field: string): FoundSource {
  const { name, type } = blob
  return {
    replayable: always,
    size: () => blob.size,
    open: (reading) => contentChunks(() => blob, field, reading),
    ...(typeof name === 'string' && name !== '' && { filename: name }),
    // Programs that know no type say that it is octets, which a file name or the octets may refine.
    ...(isMediaType(type) && type !== 'application/octet-stream' && { contentType: type }),
  }
}

function streamSource(stream: Stream, field: string): ContentSource {
  let read = false
  return {
    replayable: () => !read,
    open(reading) {
      if (read) throw new ContentError(`${field} is a stream that was already read`, OPENED_AGAIN)
      read = true
      return contentChunks(() => stream, field, reading)
    },
  }
}

const OPENED_AGAIN =
  'Pass a function that opens the stream, so that every attempt can read it from the start.'

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function invalid(what: { readonly summary: string; readonly hint: string }): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', ...what })
}
