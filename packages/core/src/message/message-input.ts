/** An address as people write it: `'a@example.com'`, `'Ann <a@example.com>'`, or its parts. */
export type AddressInput = string | { readonly name?: string | undefined; readonly address: string }

/** One address or several; a string may hold several, divided by commas (RFC 5322 address-list). */
export type AddressListInput = AddressInput | readonly AddressInput[]

/** Bytes as they come: a Node stream, a web stream or any async iterable. Strings count as UTF-8. */
export type ContentStream = AsyncIterable<Uint8Array | string>

/** Content held in memory, a function that opens it anew for every try, or a bare stream (read once, never tried again). */
export type ContentInput =
  | string
  | Uint8Array
  | ContentStream
  | (() => ContentStream | Uint8Array | string | Promise<ContentStream | Uint8Array | string>)

/** A file that goes with the message: either `content` or `path`. */
export interface AttachmentInput {
  readonly content?: ContentInput | undefined
  /** A file in the file system, opened anew for every try. Never a URL. */
  readonly path?: string | undefined
  /** @default the last part of `path` */
  readonly filename?: string | undefined
  /** @default guessed from the file name, else `application/octet-stream` */
  readonly contentType?: string | undefined
  /** Without angle brackets; `<img src="cid:logo">` shows `contentId: 'logo'`. */
  readonly contentId?: string | undefined
  /** @default 'inline' with a `contentId`, else 'attachment' */
  readonly disposition?: 'attachment' | 'inline' | undefined
}

/** An invitation or its answer, shown by mail programs with buttons (RFC 5546, RFC 6047). */
export interface CalendarInput {
  readonly method:
    | 'publish'
    | 'request'
    | 'reply'
    | 'add'
    | 'cancel'
    | 'refresh'
    | 'counter'
    | 'declinecounter'
  /** A whole VCALENDAR object (RFC 5545). */
  readonly content: string
}

/** Delivery status notifications to ask for (RFC 3461). */
export interface DsnInput {
  readonly notify?: 'never' | readonly ('success' | 'failure' | 'delay')[] | undefined
  /** How much of the message a notification brings back. */
  readonly ret?: 'full' | 'headers' | undefined
  /** Comes back in the notification as Original-Envelope-Id. */
  readonly envelopeId?: string | undefined
}

/** A message as people write it. {@link Mailer} turns it into a `Message`, or into an error that says what to change. */
export interface MessageInput {
  readonly from?: AddressInput | undefined
  readonly sender?: AddressInput | undefined
  readonly replyTo?: AddressListInput | undefined
  readonly to?: AddressListInput | undefined
  readonly cc?: AddressListInput | undefined
  /** In the envelope only, never in a header. */
  readonly bcc?: AddressListInput | undefined
  readonly subject?: string | undefined
  readonly text?: string | undefined
  readonly html?: string | undefined
  readonly attachments?: readonly AttachmentInput[] | undefined
  readonly calendar?: CalendarInput | undefined
  /** Further header fields; those that have a place of their own here (Subject, Bcc, Content-Type) are refused. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  /** @default made from the sender's domain, and kept over every try */
  readonly messageId?: string | undefined
  /** @default now */
  readonly date?: Date | undefined
  readonly inReplyTo?: string | readonly string[] | undefined
  readonly references?: string | readonly string[] | undefined
  /** Replaces the envelope that would be taken from the headers; `from: ''` is the null reverse-path. */
  readonly envelope?:
    | { readonly from?: string | undefined; readonly to?: AddressListInput | undefined }
    | undefined
  readonly dsn?: DsnInput | undefined
  /** Every further hop must use verified TLS or bounce (RFC 8689). @default false */
  readonly requireTlsOnward?: boolean | undefined
  /** A whole RFC 5322 message, sent as it is; needs `envelope` and goes without the fields that compose one. */
  readonly raw?: ContentInput | undefined
}
