import { imageAnswer, savedAnswer } from '../attachment-answers.ts'
import { answer, textAnswer, type Answer } from '../answer.ts'
import { documentAnswer, unsafeAnswer } from '../frame-answer.ts'
import { AXE_SCRIPT, failedScript, SCROLL_SCRIPT } from './frame-scripts.ts'
import { liveDocument } from './live-document.ts'
import { previewAttachments } from './read-preview.ts'
import type { PreviewSample } from './sample-key.ts'
import type { ShownPreview, ShownPreviews } from './shown-previews.ts'

/** What the page of a sample loads: `html`, `axe`, `source`, an attachment or an image. */
export async function previewFile(
  previews: ShownPreviews,
  { name, sample }: PreviewSample,
  what: string,
  number: number,
  parameters: URLSearchParams,
): Promise<Answer> {
  const preview = await previews.show(name, sample)
  if (!preview || preview.error) return textAnswer(404, 'This sample cannot be rendered.')
  if (what === 'attachments') return savedAnswer(previewAttachments(preview)[number])
  if (what === 'images') return imageAnswer(previewAttachments(preview)[number])
  if (preview.html === undefined) return textAnswer(404, 'This sample has no HTML.')
  if (what === 'source') return answer(200, 'text/plain; charset=utf-8', preview.html)
  if (what === 'axe') return axeAnswer(preview, await previews.axe())
  if (what === 'html')
    return htmlAnswer(preview, parameters.get('scheme') === 'dark', parameters.get('remote') === '1')
  return textAnswer(404, 'There is no such page.')
}

async function htmlAnswer(preview: ShownPreview, isDark: boolean, remote: boolean): Promise<Answer> {
  return liveAnswer(preview, isDark ? 'dark' : 'light', [SCROLL_SCRIPT], { remote, links: true })
}

/** Scripts of another origin, as the frame is, are sent no cookies: so the script of axe is in the document. */
async function axeAnswer(preview: ShownPreview, axe: string | undefined): Promise<Answer> {
  if (axe === undefined) return textAnswer(404, 'axe-core is not installed.')
  const rights = { remote: false, links: false }
  const checked = await liveAnswer(preview, 'light', [axe, AXE_SCRIPT], rights)
  if (checked.status === 200) return checked
  // The page waits for a result.
  const { text, nonce } = await liveDocument('', [], 'light', [failedScript(String(checked.body).trim())])
  return documentAnswer(text, { ...rights, nonce })
}

async function liveAnswer(
  preview: ShownPreview,
  scheme: 'light' | 'dark',
  scripts: readonly string[],
  rights: { readonly remote: boolean; readonly links: boolean },
): Promise<Answer> {
  try {
    const attachments = previewAttachments(preview)
    const { text, nonce } = await liveDocument(preview.html!, attachments, scheme, scripts)
    return documentAnswer(text, { ...rights, nonce })
  } catch (error) {
    return unsafeAnswer(error)
  }
}
