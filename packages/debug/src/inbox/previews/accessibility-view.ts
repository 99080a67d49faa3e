import { html, type Html } from '../html.ts'

/** What axe finds. The check needs a browser, so the script of the page shows its result. */
export function accessibilityView(key: string, hasAxe: boolean): Html {
  if (!hasAxe)
    return html`<p>
        The check needs axe-core, which is not installed. Install it, and start the program again:
      </p>
      <div class="copyable">
        <pre><code>npm install --save-dev axe-core</code></pre>
        <button type="button" data-copy hidden>Copy</button>
      </div>`
  return html`<noscript><p class="problem warning">This check needs JavaScript.</p></noscript>
    <div id="accessibility" role="status"><p class="empty">Checking.</p></div>
    <p class="facts">
      Checked by axe against WCAG 2.2, levels A and AA, with remote content blocked. It finds what a program
      can find: look at the mail with a screen reader, too.
    </p>
    <iframe
      class="checked"
      title="The template, for the check"
      src="mails/${key}/axe"
      sandbox="allow-scripts"
      referrerpolicy="no-referrer"
      tabindex="-1"
      aria-hidden="true"
    ></iframe>`
}
