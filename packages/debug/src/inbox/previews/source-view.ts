import { html, type Html } from '../html.ts'
import type { ShownPreview } from './shown-previews.ts'

/** How many characters of the source the page shows, and how many of what Gmail cuts off. */
const SHOWN = 262_144

/** The HTML as text; what Gmail cuts off is marked. */
export function sourceView(key: string, { html: source = '', clippedAt }: ShownPreview): Html {
  const end = clippedAt ?? source.length
  const shown = source.slice(0, Math.min(end, SHOWN))
  const cut = source.slice(end, end + SHOWN)
  const isPart = shown.length < end || cut.length < source.length - end
  return html`<p class="tools">
      <a href="mails/${key}/source" target="_blank" rel="noopener">Open as text</a>
      ${isPart && html`<span>Only a part of it is shown here.</span>`}
      ${clippedAt !== undefined && html`<a href="#clipped">Where Gmail cuts it off</a>`}
    </p>
    <pre><code>${shown}</code></pre>
    ${
      clippedAt !== undefined &&
      html`<section class="cut" aria-labelledby="clipped">
        <h3 id="clipped" tabindex="-1">Gmail cuts off everything from here on</h3>
        <pre><code><mark>${cut}</mark></code></pre>
      </section>`
    }`
}
