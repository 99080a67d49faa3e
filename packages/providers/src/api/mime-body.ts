import type { Message } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'
import { compose, type ComposeOptions } from '@loudmail/mime'
import { addressed } from './header-recipients.ts'

/** How a message is composed, for APIs that take it whole. */
export interface MimeOptions {
  /** Signs every message: a signer from `dkimSigner()` of `@loudmail/mime`, or several. @default none */
  readonly dkim?: ComposeOptions['dkim']
  /** Signs or encrypts the content with S/MIME or PGP; it is not called for raw messages. @default none */
  readonly transform?: ComposeOptions['transform']
}

/** For `checkOptions`. */
export const MIME_OPTIONS = { dkim: true, transform: true } as const

/**
 * @param owner how errors call the transport, such as `ses()`
 * @throws MailError `config/invalid-config`
 */
export function mimeOptionsOf(owner: string, { dkim, transform }: MimeOptions): MimeOptions {
  const signers: unknown[] = [dkim ?? []].flat()
  if (signers.some((signer) => typeof (signer as { sign?: unknown } | null)?.sign !== 'function'))
    throw configError(
      `${owner} dkim must be a signer from dkimSigner() of @loudmail/mime, or a list of signers`,
    )
  if (transform !== undefined && typeof transform !== 'function')
    throw configError(`${owner} transform must be a function that takes the content`)
  return { dkim, transform }
}

/** A message as an API takes it whole. */
export interface MimeBody {
  /** The message (RFC 5322). Every line ends with CRLF. */
  readonly bytes: Buffer
  /** An address or a header field is not ASCII (RFC 6531). */
  readonly smtputf8: boolean
}

/** How to compose one message. */
export interface MimeBodyOptions extends MimeOptions {
  readonly signal: AbortSignal | undefined
  /**
   * For an API that reads the recipients from the header: To, Cc and Bcc name exactly those of the envelope. It needs the
   * name of the provider, for errors. @default the header stays as it is, without Bcc
   */
  readonly recipientsInHeader?: string | undefined
}

/**
 * Composes a message into memory, also one with streams.
 *
 * @throws MailError at stage `compose`
 */
export async function mimeBody(message: Message, options: MimeBodyOptions): Promise<MimeBody> {
  const { dkim, transform, signal, recipientsInHeader } = options
  const asked = recipientsInHeader === undefined ? undefined : addressed(message, recipientsInHeader)
  const composed = compose(asked?.message ?? message, { dkim, transform, signal })
  const bytes = composed.bytes ?? (await collected(composed.chunks, composed.size))
  return { bytes: asked?.finish(bytes) ?? bytes, smtputf8: composed.smtputf8 }
}

/** All chunks, without holding them twice if their size is known. */
async function collected(chunks: AsyncIterable<Buffer>, size = 0): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(size)
  const rest: Buffer[] = []
  let at = 0
  for await (const chunk of chunks) {
    const copied = chunk.copy(whole, at)
    at += copied
    // Of unknown size, or a file that grew in the meantime.
    if (copied < chunk.length) rest.push(chunk.subarray(copied))
  }
  return rest.length === 0 ? whole.subarray(0, at) : Buffer.concat([whole, ...rest])
}
