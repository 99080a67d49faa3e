import type { TemplateContent } from '@loudmail/core'
import type { FinishOptions } from '../finish-options.ts'
import { templateFailure } from '../template-failure.ts'

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
  /** Looks whether an image has changed. @default true unless NODE_ENV is production */
  readonly reload?: boolean | undefined
}

let loading: Promise<typeof import('./finished.ts')> | undefined

/**
 * Completes what a template made: its CSS, its images, its text and its subject. What is not changed stays as it was written.
 *
 * @throws MailError `compose/template`
 */
export async function finish(unfinished: Unfinished, options: FinishOptions): Promise<TemplateContent> {
  const { content, file } = unfinished
  const { html } = content
  if (typeof html !== 'string') return content
  try {
    loading ??= import('./finished.ts')
    const { finished } = await loading
    return await finished(html, unfinished, options)
  } catch (cause) {
    throw await templateFailure(cause, { file })
  }
}
