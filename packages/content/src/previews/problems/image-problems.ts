import { percentDecoded } from '../html/content-ids.ts'
import type { FoundHtml, FoundImage } from '../html/found-html.ts'
import type { ReadAttachment } from '../read-attachments.ts'
import { isUnfilled, schemeOf, webAddressFlaw } from './address-problems.ts'
import type { Flaw, ProblemList } from './problem-list.ts'

const NO_SOURCE = error('An image without src', 'Give it the address of a picture.')
const UNFILLED = error(
  'An image with a part of its address that was not filled in',
  'Check the data that it is made of.',
)
const RELATIVE = error(
  'An image without https:// and a host in front',
  'A mail has no site that an address could belong to: write the whole address, or attach the picture and use cid:.',
)
const ON_DISK = error('An image on a disk', 'Readers do not have it: attach the picture and use cid:.')
const IN_HTML = error(
  'An image within the HTML (data:)',
  'Gmail and Outlook do not show these: attach the picture and use cid:, or link to it.',
)
const NOT_LOADED = error('An image that mail programs do not load', 'Use https: or cid:.')
const NO_FILE = error(
  'An image that shows an attachment which is not there',
  'Attach a file with this contentId.',
)
const NOT_SHOWN = warning(
  'An attachment with a contentId that the HTML does not show',
  'Show it with <img src="cid:…">, or leave out its contentId.',
)
const STYLED_WIDTH = warning(
  'An image with a width only in its style',
  'Outlook for Windows ignores that: give it the attribute width, in pixels.',
)
const SVG = warning('An image in SVG', 'Gmail and Outlook do not show these: use PNG.')

export function findImageProblems(
  html: FoundHtml | undefined,
  attachments: readonly ReadAttachment[],
  problems: ProblemList,
): void {
  for (const image of html?.images ?? []) {
    const flaw = flawOf(image)
    if (flaw) problems.add(flaw, image.src || image.alt)
    else if (isSvg(image, attachments)) problems.add(SVG, image.src)
    if (image.hasWidthInStyleOnly) problems.add(STYLED_WIDTH, image.alt || image.src)
  }
  const ids = new Set(attachments.map(({ contentId }) => contentId))
  const isThere = (id: string): boolean => ids.has(id) || ids.has(percentDecoded(id))
  for (const id of html?.shownIds ?? []) if (!isThere(id)) problems.add(NO_FILE, `cid:${id}`)
  const shown = new Set([...(html?.shownIds ?? []), ...(html?.idsInComments ?? [])].flatMap(bothForms))
  for (const { contentId, disposition, filename } of attachments)
    if (contentId !== undefined && disposition === 'inline' && !shown.has(contentId))
      problems.add(NOT_SHOWN, filename ?? contentId)
}

/** What is wrong with the address of an image; undefined for `cid:`, which is compared with the attachments. */
function flawOf({ src }: FoundImage): Flaw | undefined {
  if (!src) return NO_SOURCE
  const scheme = schemeOf(src)
  if (scheme === 'data') return IN_HTML
  if (isUnfilled(src)) return UNFILLED
  if (scheme === undefined) return RELATIVE
  if (scheme === 'file') return ON_DISK
  if (scheme === 'http' || scheme === 'https') return webAddressFlaw('image', src)
  return scheme === 'cid' ? undefined : NOT_LOADED
}

function isSvg({ src = '' }: FoundImage, attachments: readonly ReadAttachment[]): boolean {
  if (!/^cid:/i.test(src)) return /\.svgz?(?:[?#]|$)/i.test(src)
  const forms = bothForms(src.slice('cid:'.length))
  const file = attachments.find(({ contentId }) => contentId !== undefined && forms.includes(contentId))
  return /^image\/svg\b/i.test(file?.contentType ?? '')
}

function bothForms(id: string): string[] {
  return [id, percentDecoded(id)]
}

function error(what: string, advice: string): Flaw {
  return { kind: 'image', level: 'error', what, advice }
}

function warning(what: string, advice: string): Flaw {
  return { kind: 'image', level: 'warning', what, advice }
}
