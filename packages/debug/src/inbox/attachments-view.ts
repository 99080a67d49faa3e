import { html, type Html } from './html.ts'
import type { ReadAttachment, ReadMail } from './read-mail.ts'
import { bytes } from './units.ts'

/** Images that browsers show, and that the page may show small. */
const IMAGES = new Set(
  ['png', 'jpeg', 'gif', 'webp', 'avif', 'bmp', 'svg+xml'].map((name) => `image/${name}`),
)
/** The largest image that is shown small, in octets. */
const IMAGE_MAX = 10_000_000

/** Whether the page may show an attachment as an image. */
export function isShownSmall({ type, content }: ReadAttachment): boolean {
  return IMAGES.has(type.toLowerCase()) && content.byteLength <= IMAGE_MAX
}

/** The attachments, and apart from them what belongs to the HTML. */
export function attachmentsView(id: string, { attachments }: ReadMail): Html {
  const all = attachments.map((attachment, index) => ({ attachment, index }))
  const files = all.filter(({ attachment }) => !attachment.inline)
  const inline = all.filter(({ attachment }) => attachment.inline)
  const list = (each: typeof all): Html =>
    html`<ul class="attachments">
      ${each.map(({ attachment, index }) => cardView(id, attachment, index))}
    </ul>`
  return html`${files.length > 0 && list(files)}
  ${
    inline.length > 0 &&
    html`<h3>Inline: shown in the text</h3>
      ${list(inline)}`
  }`
}

function cardView(id: string, attachment: ReadAttachment, index: number): Html {
  const { filename, type, content, contentId } = attachment
  const sort = /\.(\w{1,5})$/.exec(filename)?.[1] ?? /[^/]*$/.exec(type)![0].slice(0, 5)
  return html`<li>
    ${
      isShownSmall(attachment)
        ? html`<img src="mails/${id}/images/${index}" alt="" loading="lazy" />`
        : html`<span class="sort" aria-hidden="true">${sort.toUpperCase()}</span>`
    }
    <a href="mails/${id}/attachments/${index}">${filename}</a>
    <span class="facts">${type}, ${bytes(content.byteLength)}</span>
    ${contentId !== undefined && html`<span class="facts"><code>cid:${contentId}</code></span>`}
  </li>`
}
