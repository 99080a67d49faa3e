import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import type { TemplateContent } from '@loudmail/core'
import type { FinishOptions } from '../finish-options.ts'
import { templateFailure } from '../template-failure.ts'
import { edited, type Edit } from './edit.ts'
import { hostedImage } from './hosted-image.ts'
import { ImageReader, ImageRefusal, isLocalImage, type EmbeddedImage } from './images.ts'
import { inlineCss, type DividedSheet } from './inline-css.ts'
import { problemWith } from './place-in-files.ts'
import { imageReferences, urlsIn, type ImageReference } from './references.ts'
import { scan } from './scan.ts'
import { baseOf, partsOf, styleSheets } from './style-sheets.ts'
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
  /** Looks whether an image has changed. @default true unless NODE_ENV is production */
  readonly reload?: boolean | undefined
}

const reader = new ImageReader()

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
    return await finished(html, unfinished, options)
  } catch (cause) {
    throw await templateFailure(cause, { file })
  }
}

async function finished(
  html: string,
  {
    content,
    file,
    files: others,
    folder,
    isInlined,
    reload = process.env['NODE_ENV'] !== 'production',
  }: Unfinished,
  { inlineCss: wantsCss = !isInlined, makeText = true, images = folder }: FinishOptions,
): Promise<TemplateContent> {
  if (!wantsCss && images === false) {
    const text = content.text ?? (makeText ? await textOf(html) : undefined)
    return { ...content, subject: content.subject ?? titleOf(html), text }
  }
  const scanned = scan(html)
  const files = [file, ...others]
  const host = images instanceof URL && images.protocol !== 'file:' ? images : undefined
  const imageFolder =
    images === false || host ? undefined : images instanceof URL ? fileURLToPath(images) : resolve(images)
  const embedded = new Map<string, EmbeddedImage>()
  const embed = async (
    text: string,
    references: readonly ImageReference[],
    base: string,
  ): Promise<Edit[]> => {
    if (host)
      return references
        .filter(isLocalImage)
        .map(({ value, start, end }) => ({ start, end, text: hostedImage(value, host) }))
    if (imageFolder === undefined) return []
    const edits: Edit[] = []
    for (const reference of references.filter(isLocalImage)) {
      try {
        const image = await reader.read(reference, base, imageFolder, reload)
        embedded.set(image.contentId, image)
        edits.push({ start: reference.start, end: reference.end, text: `cid:${image.contentId}` })
      } catch (cause) {
        if (!(cause instanceof ImageRefusal)) throw cause
        throw await problemWith(cause.message, text.slice(reference.start, reference.end), files)
      }
    }
    return edits
  }
  const edits = await embed(html, imageReferences(html, scanned), imageFolder ?? folder)
  const divided: DividedSheet[] = []
  for (const sheet of wantsCss ? await styleSheets(html, scanned, folder, files) : []) {
    const base = sheet.file === undefined ? (imageFolder ?? folder) : baseOf(sheet, folder)
    const css = edited(sheet.css, await embed(sheet.css, urlsIn(sheet.css), base))
    divided.push({ sheet, parts: await partsOf({ ...sheet, css }, files) })
  }
  const made = edited(html, [...(await inlineCss(html, scanned, divided, edits)), ...edits])
  const { attachments = [] } = content
  return {
    ...content,
    subject: content.subject ?? scanned.title,
    html: made,
    text: content.text ?? (makeText ? await textOf(made) : undefined),
    ...(embedded.size > 0 && { attachments: [...attachments, ...embedded.values()] }),
  }
}
