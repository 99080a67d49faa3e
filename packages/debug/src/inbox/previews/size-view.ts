import { html, type Html } from '../html.ts'
import type { ShownPreview } from './shown-previews.ts'

const KB = 1_024
/** How much HTML Gmail shows of a mail, in kB of 1024 octets; it hides the rest behind a link. */
const GMAIL_KB = 102

/** The size of the HTML beside what Gmail shows. */
export function sizeView({ html: source, htmlOctets, clippedAt }: ShownPreview): Html | false {
  if (source === undefined) return false
  const isClipped = clippedAt !== undefined
  const kB = htmlOctets < 10 * KB ? (htmlOctets / KB).toFixed(1) : String(Math.round(htmlOctets / KB))
  return html`<dt>Size</dt>
    <dd class="size ${isClipped && 'clipped'}">
      <meter
        min="0"
        max="${GMAIL_KB}"
        high="${GMAIL_KB * 0.9}"
        optimum="0"
        value="${Math.min(htmlOctets / KB, GMAIL_KB).toFixed(2)}"
        aria-label="Size of the HTML beside the limit of Gmail"
      ></meter>
      <strong>${kB} kB</strong> of HTML; Gmail shows ${GMAIL_KB} kB${isClipped && ' and cuts the rest off'}
    </dd>`
}
