/** An address as people write it: `'a@example.com'`, `'Ann <a@example.com>'`, or its parts. */
export type AddressInput = string | { readonly name?: string | undefined; readonly address: string }

/** One address or several. A string may contain several, separated by commas (RFC 5322 address-list). */
export type AddressListInput = AddressInput | readonly AddressInput[]

/** A stream of bytes: a Node stream, a web stream or any async iterable. Strings are encoded as UTF-8. */
export type ContentStream = AsyncIterable<Uint8Array | string>

/** Content in memory, a function that opens it for every attempt, or a bare stream (read once, so never tried again). */
export type ContentInput =
  | string
  | Uint8Array
  | ContentStream
  | (() => ContentStream | Uint8Array | string | Promise<ContentStream | Uint8Array | string>)

/** A file in the message, with either `content` or `path`. */
export interface AttachmentInput {
  readonly content?: ContentInput | undefined
  /** A file in the file system, opened for every attempt. Not a URL. */
  readonly path?: string | undefined
  /** @default the last part of `path` */
  readonly filename?: string | undefined
  /** @default guessed from the file name, otherwise `application/octet-stream` */
  readonly contentType?: string | undefined
  /** Without angle brackets: `<img src="cid:logo">` shows `contentId: 'logo'`. */
  readonly contentId?: string | undefined
  /** @default 'inline' with a `contentId`, otherwise 'attachment' */
  readonly disposition?: 'attachment' | 'inline' | undefined
}

/** An invitation or the answer to one. Mail programs show it with buttons (RFC 5546, RFC 6047). */
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

/** The delivery status notifications to request (RFC 3461). */
export interface DsnInput {
  readonly notify?: 'never' | readonly ('success' | 'failure' | 'delay')[] | undefined
  /** How much of the message a notification contains. */
  readonly ret?: 'full' | 'headers' | undefined
  /** The notification contains it as Original-Envelope-Id. */
  readonly envelopeId?: string | undefined
}

/** A message as people write it. {@link Mailer} turns it into a `Message`, or fails with an error that says what to change. */
export interface MessageInput {
  readonly from?: AddressInput | undefined
  readonly sender?: AddressInput | undefined
  readonly replyTo?: AddressListInput | undefined
  readonly to?: AddressListInput | undefined
  readonly cc?: AddressListInput | undefined
  /** Only in the envelope, never in a header. */
  readonly bcc?: AddressListInput | undefined
  readonly subject?: string | undefined
  readonly text?: string | undefined
  readonly html?: string | undefined
  readonly attachments?: readonly AttachmentInput[] | undefined
  readonly calendar?: CalendarInput | undefined
  /** More header fields. Those that have their own option (Subject, Bcc, Content-Type) are refused. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  /** @default generated with the sender's domain; all attempts use the same */
  readonly messageId?: string | undefined
  /** @default now */
  readonly date?: Date | undefined
  readonly inReplyTo?: string | readonly string[] | undefined
  readonly references?: string | readonly string[] | undefined
  /** Replaces the envelope from the headers; `from: ''` is the null reverse-path. */
  readonly envelope?:
    | { readonly from?: string | undefined; readonly to?: AddressListInput | undefined }
    | undefined
  readonly dsn?: DsnInput | undefined
  /** Every server on the way must use verified TLS, or the message bounces (RFC 8689). @default false */
  readonly requireTlsOnward?: boolean | undefined
  /**
   * A whole RFC 5322 message, sent as it is, except that a byte order mark or the `From ` line of a mailbox file in front is
   * removed. It needs `envelope` and excludes the fields that compose a message. A Bcc field in it goes to every recipient.
   */
  readonly raw?: ContentInput | undefined
}
