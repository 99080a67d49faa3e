/** An address as people write it: `'a@example.com'`, `'Ann <a@example.com>'`, or its parts. */
export type AddressInput =
  | string
  | {
      /** The display name; any characters. @default none */
      readonly name?: string | undefined
      /** Exactly one address: `ann@example.com`. */
      readonly address: string
    }

/**
 * One address or several. A string may contain several, separated by commas (RFC 5322 address-list). A group stands for its
 * members: `undisclosed-recipients:;` has none.
 */
export type AddressListInput = AddressInput | readonly AddressInput[]

/** Bytes in memory. Of a view, such as a `Buffer` or a `DataView`, they are its part of the memory. */
export type BytesInput = ArrayBuffer | SharedArrayBuffer | ArrayBufferView

/** A `Blob` or a `File`. */
export interface BlobInput {
  /** Its size in octets. */
  readonly size: number
  /** Its media type; empty if unknown. */
  readonly type: string
  /** Reads all of it. */
  arrayBuffer(): Promise<ArrayBuffer>
  /** Opens it as a web stream. */
  stream(): unknown
}

/** A stream of bytes: a Node stream, a web stream or any async iterable. Strings are encoded as UTF-8. */
export type ContentStream = AsyncIterable<BytesInput | string>

/** What a function that opens content returns. `null`, as the body of some responses, is `compose/attachment`. */
export type OpenedInput = ContentStream | BytesInput | BlobInput | string | null

/**
 * Content in memory, a `Blob`, a function that opens it for every attempt, or a bare stream (read once, so never tried
 * again). Bytes may have the form that they have in JSON.
 */
export type ContentInput =
  | string
  | BytesInput
  | BlobInput
  | { readonly type: 'Buffer'; readonly data: readonly number[] }
  | ContentStream
  | (() => OpenedInput | Promise<OpenedInput>)

/** A file in the message, with either `content` or `path`. */
export interface AttachmentInput {
  /** What the file contains: text, bytes, or what opens them. */
  readonly content?: ContentInput | undefined
  /** A file, opened for every attempt: its path, or a `file:` URL. Or a `data:` URL, which contains the content. */
  readonly path?: string | { readonly href: string } | undefined
  /** How a string in `content` is encoded. White space in base64 does not matter. @default 'utf8' */
  readonly encoding?: 'utf8' | 'utf-8' | 'base64' | 'base64url' | 'hex' | undefined
  /** @default the name of a `File`, or the last part of `path` */
  readonly filename?: string | undefined
  /**
   * A text gets a charset if this has none: UTF-8 if the content is valid UTF-8.
   *
   * @default the type of a `Blob` or `data:` URL, otherwise guessed from the file name, then from the first octets
   */
  readonly contentType?: string | undefined
  /** `<img src="cid:logo">` shows the attachment with `contentId: 'logo'`. Visible ASCII characters. */
  readonly contentId?: string | undefined
  /** @default 'inline' with a `contentId`, otherwise 'attachment' */
  readonly disposition?: 'attachment' | 'inline' | undefined
  /** More header fields of its part, such as Content-Description. Those that have their own option are refused. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
}

/** An invitation or the answer to one. Mail programs show it with buttons (RFC 5546, RFC 6047). */
export interface CalendarInput {
  /** The method of the VCALENDAR object: `request` invites, `reply` answers, `cancel` calls off. */
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
  /** When to send a notification: `never`, or after these events. @default the server decides */
  readonly notify?: 'never' | readonly ('success' | 'failure' | 'delay')[] | undefined
  /** How much of the message a notification contains. */
  readonly ret?: 'full' | 'headers' | undefined
  /** The notification contains it as Original-Envelope-Id. */
  readonly envelopeId?: string | undefined
}

/** How a recipient unsubscribes: at least one of `url` and `mailto`. */
export interface ListUnsubscribeInput {
  /**
   * Mail programs send a POST request to it when somebody presses their button (RFC 8058). It is an `https:` URL, at most 900
   * characters, without user, password and fragment; `http:` only for localhost.
   */
  readonly url?: string | { readonly href: string } | undefined
  /** Mail programs send a message to it (RFC 2369): an address or a `mailto:` URL. */
  readonly mailto?: string | undefined
  /**
   * The address that the link unsubscribes. The message must be for it and for nobody else, because whoever has the link can
   * use it. @default the link is for everybody
   */
  readonly address?: string | undefined
}

/** What a template makes of its data. */
export interface TemplateContent {
  /** One line; any characters. */
  readonly subject?: string | undefined
  /** The message as plain text. */
  readonly text?: string | undefined
  /** The message as HTML. */
  readonly html?: string | undefined
  /** Files that go with it, such as the images that its HTML shows. They come before those of the message or its defaults. */
  readonly attachments?: readonly AttachmentInput[] | undefined
  /** More header fields. Those of the message replace fields of the same name. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
}

/** Lets a template give up what it waits for. */
export interface TemplateContext {
  /** Aborts when the send is given up: at its deadline, by its caller, or when the mailer is closed. What the template does after that is ignored. */
  readonly signal: AbortSignal
}

/**
 * The content of a message: what a template made, or a function that makes it when the message is sent. If it throws, the
 * send fails with `compose/template`, before any connection. Prefer the function: a promise that rejects before its send
 * begins, such as one in a long list, is an unhandled rejection of the program.
 */
export type TemplateInput =
  | TemplateContent
  | PromiseLike<TemplateContent>
  | ((context: TemplateContext) => TemplateContent | PromiseLike<TemplateContent>)

/** A message as people write it. {@link Mailer} turns it into a `Message`, or fails with an error that says what to change. */
export interface MessageInput {
  /**
   * Who wrote the message. Required, unless the mailer has a default. Several authors need a `sender` (RFC 5322 section
   * 3.6.2).
   */
  readonly from?: AddressListInput | undefined
  /** Who sent the message for the author, if that is somebody else (RFC 5322 section 3.6.2). */
  readonly sender?: AddressInput | undefined
  /** Who gets the answers. @default the author */
  readonly replyTo?: AddressListInput | undefined
  /** Who the message is for. A message needs a recipient in `to`, `cc`, `bcc` or `envelope`. */
  readonly to?: AddressListInput | undefined
  /** Who gets a copy that everybody sees. */
  readonly cc?: AddressListInput | undefined
  /** Only in the envelope, never in a header. */
  readonly bcc?: AddressListInput | undefined
  /** One line; any characters. */
  readonly subject?: string | undefined
  /** The message as plain text. With `html` as well, mail programs show one of the two. */
  readonly text?: string | undefined
  /** The message as HTML. `<img src="cid:logo">` shows the attachment with the `contentId` `logo`. */
  readonly html?: string | undefined
  /**
   * Makes the subject, the text, the HTML and files when the message is sent. What the message itself has replaces that;
   * attachments are added, and header fields are merged. It cannot be used with `raw`, and not in defaults.
   */
  readonly template?: TemplateInput | undefined
  /** Files that go with the message. */
  readonly attachments?: readonly AttachmentInput[] | undefined
  /** An invitation, or the answer to one. */
  readonly calendar?: CalendarInput | undefined
  /** More header fields. Those that have their own option (Subject, Bcc, Content-Type) are refused. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  /**
   * The button of mail programs that unsubscribes: List-Unsubscribe and, with a `url`, List-Unsubscribe-Post (RFC 2369, RFC
   * 8058). Links that are bound to a recipient come from `UnsubscribeLinks` of `@loudmail/content/unsubscribe`.
   */
  readonly listUnsubscribe?: ListUnsubscribeInput | undefined
  /** @default generated with the sender's domain; all attempts use the same */
  readonly messageId?: string | undefined
  /** @default now */
  readonly date?: Date | undefined
  /** The Message-ID of the message that this one answers, as that message has it. */
  readonly inReplyTo?: string | readonly string[] | undefined
  /**
   * The Message-IDs of the thread, the oldest first, as they were received: with or without brackets, commas or blanks.
   */
  readonly references?: string | readonly string[] | undefined
  /** Replaces the envelope from the headers; `from: ''` is the null reverse-path. */
  readonly envelope?:
    | {
        /** The reverse-path. @default the address of `sender` or `from` */
        readonly from?: string | undefined
        /** Who gets it. @default everybody in `to`, `cc` and `bcc` */
        readonly to?: AddressListInput | undefined
      }
    | undefined
  /**
   * Messages with the same key are one message: `dedupe()` and the transports that honour it send only one of them. 1 to
   * 256 visible ASCII characters, such as `order-4711-confirmation`. @default none
   */
  readonly idempotencyKey?: string | undefined
  /** Ask for notifications about the delivery. @default none */
  readonly dsn?: DsnInput | undefined
  /** Every server on the way must use verified TLS, or the message bounces (RFC 8689). @default false */
  readonly requireTlsOnward?: boolean | undefined
  /**
   * What a transport of another kind needs, such as the `template` and `context` of a nodemailer plugin or the tags of a
   * provider. It is passed on as it is, and `smtp()` ignores it. A message with it needs no other content.
   */
  readonly transportData?: Readonly<Record<string, unknown>> | undefined
  /**
   * A whole RFC 5322 message, sent as it is, except that a byte order mark or the `From ` line of a mailbox file in front is
   * removed. It needs `envelope` and excludes the fields that compose a message. A Bcc field in it goes to every recipient.
   */
  readonly raw?: ContentInput | undefined
}
