import type { Message } from '@loudmail/core'
import type { ComposedMessage } from '@loudmail/core/transport'
import type { DkimSigner } from './dkim/dkim-signer.ts'
import { signedBytes, signedChunks } from './dkim/dkim-signed.ts'
import type { Draft, DraftFacts } from './draft.ts'
import { entity } from './part/entity.ts'
import { messageHeader } from './header/message-header.ts'
import { append, type Part } from './part/part.ts'
import { isWhole, joined, sizeOf, streamed, type Piece } from './part/pieces.ts'
import { rawDraft } from './raw.ts'
import { transformed, type EntityTransform } from './transform.ts'

/** The options of composing a message. */
export interface ComposeOptions {
  /** The server offers 8BITMIME (RFC 6152): UTF-8 text with lines up to 998 octets is sent unencoded. @default false */
  readonly eightBitMime?: boolean | undefined
  /** Signs the message. A stream is read twice, or is held in memory if it can be read only once. */
  readonly dkim?: DkimSigner | readonly DkimSigner[] | undefined
  /** The memory of a chunk may be used again as soon as the next chunk is requested. @default false */
  readonly reuseChunks?: boolean | undefined
  /** Ends reading and closes what is open. It is read only if the message is a stream. */
  readonly signal?: AbortSignal | undefined
  /**
   * The header field that gets the `idempotencyKey` of the message, such as `Resend-Idempotency-Key`. It is written at the
   * top, and replaces a field of the same name in `headers`. @default none
   */
  readonly idempotencyHeader?: string | undefined
  /** Signs or encrypts the content with S/MIME or PGP; not called for raw messages. */
  readonly transform?: EntityTransform | undefined
}

/** A message as RFC 5322 bytes. Every line ends with CRLF, including the last one; dots are not stuffed. */
export type Composed =
  | (DraftFacts & {
      /** The message, if it is in memory. */
      readonly bytes: Buffer
      readonly size: number
      readonly chunks?: undefined
    })
  | (DraftFacts & {
      /** The message, if it is in memory. */
      readonly bytes?: undefined
      /** In octets, if it is known before the content is read. */
      readonly size?: number | undefined
      /** Read with back-pressure, in chunks of at most 64 KiB; a `replayable` message can be read again. */
      readonly chunks: AsyncIterable<Buffer>
    })

/**
 * Composes a message: at once into one Buffer if all of it is in memory, otherwise into a stream. If something cannot be
 * read, the stream rejects with `compose/attachment`.
 *
 * @throws MailError at stage `compose`: `header-injection`, `invalid-message`, `attachment`, `unexpected`
 */
export function compose(message: Message, options: ComposeOptions = {}): Composed {
  const signers = [options.dkim ?? []].flat()
  // A relay that turns 8bit into 7bit would break the signature (RFC 6376 section 5.3).
  const eightBitMime = options.eightBitMime === true && signers.length === 0 && !options.transform
  const top = idempotencyField(message, options.idempotencyHeader)
  const draft = message.raw ? rawDraft(message) : draftOf(message, eightBitMime, options.transform, top?.name)
  const { eightBit, smtputf8 } = draft
  const pieces = top ? [top.line, ...draft.pieces] : draft.pieces
  if (isWhole(pieces)) {
    const bytes = signers.length === 0 ? joined(pieces) : signedBytes(joined(pieces), signers)
    return { bytes, size: bytes.length, eightBit, smtputf8 }
  }
  const { reuseChunks: reuse, signal } = options
  const chunks =
    signers.length === 0
      ? () => streamed(pieces, { reuse, signal })
      : () => signedChunks(() => streamed(pieces, { signal }), signers, message)
  // A signature adds octets, and nobody knows yet how many.
  const size = signers.length === 0 ? sizeOf(pieces) : undefined
  return { chunks: { [Symbol.asyncIterator]: chunks }, size, eightBit, smtputf8 }
}

function draftOf(
  message: ComposedMessage,
  eightBitMime: boolean,
  transform: EntityTransform | undefined,
  replaced: string | undefined,
): Draft {
  const header = messageHeader(message, replaced)
  const part = entity(message, eightBitMime, transform !== undefined)
  const content: Piece[] = []
  append(content, `${part.header}\r\n`)
  for (const piece of part.body) append(content, piece)
  if (!part.closed && !endsWithCrlf(part)) append(content, '\r\n')
  const isAsciiHeader = Buffer.byteLength(header) === header.length
  const pieces: Piece[] = [header]
  for (const piece of transform ? [transformed(content, transform, message)] : content) append(pieces, piece)
  return {
    pieces,
    eightBit: part.eightBit || !isAsciiHeader,
    smtputf8: message.envelope.smtputf8 || !isAsciiHeader,
  }
}

/** The header field for the key of a message: visible ASCII, and short enough for one line. */
function idempotencyField(
  { idempotencyKey }: Message,
  name: string | undefined,
): { readonly name: string; readonly line: string } | undefined {
  if (name === undefined || idempotencyKey === undefined) return undefined
  return { name, line: `${name}: ${idempotencyKey}\r\n` }
}

/** Whether the message already ends with CRLF: that of its text or, without a text, the empty line before it. */
function endsWithCrlf(part: Part): boolean {
  const last = part.body.at(-1)
  if (typeof last === 'string') return last === '' || last.endsWith('\r\n')
  return Buffer.isBuffer(last) && (last.length === 0 || last.at(-1) === 0x0a)
}
