import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import type { TemplateContent } from '@loudmail/core'
import type { FinishOptions } from '../finish-options.ts'
import { edited, type Edit } from './edit.ts'
import type { Unfinished } from './finish.ts'
import { hostedImage } from './hosted-image.ts'
import { ImageReader, ImageRefusal, isLocalImage, type EmbeddedImage } from './images.ts'
import { inlineCss, type DividedSheet } from './inline-css.ts'
import { problemWith } from './place-in-files.ts'
import { imageReferences, urlsIn, type ImageReference } from './references.ts'
import { scan } from './scan.ts'
import { baseOf, partsOf, styleSheets } from './style-sheets.ts'
import { textOf } from './text-of.ts'
import { titleOf } from './title-of.ts'

const reader = new ImageReader()

/** Completes HTML. This is loaded by the first mail that needs it, with the library that reads HTML. */
export async function finished(
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
