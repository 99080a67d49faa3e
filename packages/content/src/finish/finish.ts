import type { TemplateContent } from '@loudmail/core'
import type { FinishOptions } from '../finish-options.ts'
import { inlineCss } from './inline-css.ts'
import { textOf } from './text-of.ts'
import { titleOf } from './title-of.ts'

/** What a template made, and what it was made of. */
export interface Unfinished {
  readonly content: TemplateContent
  /** The absolute path of the file that has the HTML. */
  readonly file: string
  /** The absolute paths of all files that it was made of, such as layouts. */
  readonly files: readonly string[]
  /** The folder of the images, if there is one. */
  readonly folder: string
  /** The engine has inlined the CSS already. */
  readonly isInlined: boolean
}

/** Completes what a template made. */
export async function finish(
  { content, isInlined }: Unfinished,
  { inlineCss: wantsCss = !isInlined, makeText = true }: FinishOptions,
): Promise<TemplateContent> {
  const { html } = content
  if (html === undefined) return content
  const subject = content.subject ?? titleOf(html)
  const finished = wantsCss ? await inlineCss(html) : html
  const text = content.text ?? (makeText ? await textOf(finished) : undefined)
  return { ...content, subject, html: finished, text }
}
