import type { MailError } from '@loudmail/core'

/** Templates with sample data. This is what `inbox(store, { previews })` of `@loudmail/debug` takes. */
export interface Previews {
  /** The templates, in the order in which they were given, each with the names of its samples. */
  list(): readonly { readonly name: string; readonly samples: readonly string[] }[]
  /** Renders a sample; undefined if there is none with this name. Never rejects: a template that fails is in `error`. */
  show(name: string, sample: string): Promise<Preview | undefined>
  /**
   * Asks the servers of the links and remote images of a sample whether they exist: at most 100, 5 seconds each. It calls
   * real servers, so it is never done unasked. Never rejects.
   */
  checkLinks(name: string, sample: string): Promise<readonly PreviewProblem[]>
  /**
   * Calls `changed` soon after a file of a template was saved. The function that it returns stops that. It does not keep
   * the process alive.
   */
  watch(changed: () => void): () => void
  /** The script of axe-core; undefined if it is not installed. */
  axe(): Promise<string | undefined>
}

/** What is wrong with a template, apart from failing. */
export interface PreviewProblem {
  /** What it is about. */
  readonly kind: 'subject' | 'text' | 'html' | 'link' | 'image' | 'size'
  /** `error`: readers would notice. `warning`: better otherwise. */
  readonly level: 'error' | 'warning'
  /** What is wrong, and what to do: one or two sentences. */
  readonly message: string
}

/** A rendered sample. */
export interface Preview {
  /** Why it cannot be rendered: the failure that a send would have. Then there is nothing else. */
  readonly error?: MailError | undefined
  /** The subject. */
  readonly subject?: string | undefined
  /** The HTML, with `cid:` for images of `attachments`. */
  readonly html?: string | undefined
  /** The text. */
  readonly text?: string | undefined
  /** The files that go with it. */
  readonly attachments: readonly PreviewAttachment[]
  /** The size of the HTML in octets. */
  readonly htmlOctets: number
  /** Where Gmail cuts the HTML, in UTF-16 code units, as `slice()` counts; undefined if it shows all of it. */
  readonly clippedAt?: number | undefined
  /** What is wrong with it. */
  readonly problems: readonly PreviewProblem[]
}

/** A file of a rendered sample. */
export interface PreviewAttachment {
  /** The name that mail programs show. */
  readonly filename?: string | undefined
  /** Its media type. */
  readonly contentType: string
  /** Its name for `cid:`. */
  readonly contentId?: string | undefined
  /** What it contains: of all files together, the first 25 MiB. */
  readonly bytes: Uint8Array
}
