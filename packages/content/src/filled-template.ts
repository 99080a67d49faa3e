import type { TemplateContent, TemplateContext } from '@loudmail/core'

/** How one message wants its template. */
export interface FillOptions {
  /** The language of the reader (BCP 47), such as `de-AT`. @default the `locale` of the template */
  readonly locale?: string | undefined
}

/**
 * A template with its data, for `template` of a message. It is rendered when the message is sent: what is wrong with it is
 * then a failure of that send, `compose/template`, with file, line and column.
 */
export interface FilledTemplate {
  /** Renders it. @throws MailError at stage `compose` */
  (context: TemplateContext): Promise<TemplateContent>
  /** The absolute paths of the files and folders that it is made of, as far as they are known: a preview watches them. */
  readonly files: () => readonly string[]
}

/** A template: a function from data to what `template` of a message takes. */
export type Template<Data> = (data: Data, options?: FillOptions) => FilledTemplate

/** Gives a rendering function its `files`. */
export function filled(
  render: (context: TemplateContext) => Promise<TemplateContent>,
  files: () => readonly string[],
): FilledTemplate {
  return Object.assign(render, { files })
}
