import { dirname } from 'node:path'
import type { AttachmentInput, TemplateContent } from '@loudmail/core'
import { checkOptions } from '@loudmail/core/transport'
import { callProblem, withoutData } from './call-problem.ts'
import type { RenderContext } from './engine.ts'
import { filled, type Template } from './filled-template.ts'
import { checkImages, type FinishOptions } from './finish-options.ts'
import { finish } from './finish/finish.ts'
import { Html } from './html/html.ts'
import { renderComplete } from './missing/render-complete.ts'
import { unwatched } from './missing/watch.ts'
import type { Place } from './stack-place.ts'
import { templateFailure } from './template-failure.ts'
import { TemplateProblem } from './template-problem.ts'

/** What a function makes of its data. */
export interface MadeContent extends Omit<TemplateContent, 'html'> {
  /** The message as HTML: a text, or what `html` has escaped. */
  readonly html?: string | Html | undefined
}

/** A template of a function that returns subject, HTML and text. */
export function templateOfFunction<Data>(
  make: (data: Data, context: RenderContext) => MadeContent | Promise<MadeContent>,
  options: FinishOptions,
  place: Place,
): Template<Data> {
  checkOptions(options, 'template()', { inlineCss: true, makeText: true, images: true })
  checkImages(options.images)
  const about = { file: place.file, files: [place.file], folder: dirname(place.file), isInlined: false }
  return (data, fill = {}) =>
    filled(
      async ({ signal }) => {
        let content: MadeContent
        try {
          const problem = callProblem(data, fill)
          if (problem) throw problem
          const { locale } = fill
          content = await renderComplete<MadeContent>(data, {
            render: async (watched) => make(watched as Data, { locale, signal }),
            textOf: printedBy,
          })
          if (content instanceof Html)
            throw new TemplateProblem(
              'the function returned only HTML: let it return an object, such as { subject, html }',
            )
        } catch (cause) {
          throw await templateFailure(withoutData(cause, data), place)
        }
        // What is no content is refused by the mailer, which says why.
        if (typeof content !== 'object' || content === null) return content
        return finish({ content: withoutWatching(content), ...about }, options)
      },
      () => [place.file],
    )
}

/** Everything that a function made, as one text. */
function printedBy(content: MadeContent): string {
  const { subject, html, text, headers = {} } = Object(content) as MadeContent
  return [subject, html, text, ...Object.values(headers)].map((printed) => String(printed ?? '')).join('\0')
}

/** Parts of the data that are in the content, such as a list of attachments. */
function withoutWatching(content: MadeContent): TemplateContent {
  const { html, attachments, headers, ...rest } = unwatched(content)
  return {
    ...rest,
    ...(html !== undefined && { html: html instanceof Html ? html.toString() : html }),
    ...(attachments && {
      attachments: Array.isArray(attachments)
        ? unwatched(attachments).map((attachment: AttachmentInput) => unwatched(attachment))
        : attachments,
    }),
    ...(headers && { headers: unwatched(headers) }),
  }
}
