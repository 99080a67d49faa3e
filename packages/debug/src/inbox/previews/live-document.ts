import { randomBytes } from 'node:crypto'
import type { ReadAttachment } from '../read-mail.ts'
import { safeHtml } from '../safe-html.ts'
import { withColorScheme, type ColorScheme } from './color-scheme.ts'

/** A document in which only our scripts run. */
export interface LiveDocument {
  readonly text: string
  /** For the policy: only scripts with it run. */
  readonly nonce: string
}

/**
 * A document that shows the HTML of a template and runs our scripts after it. It must be served with a policy that allows
 * only scripts with this nonce.
 *
 * @throws Error if it cannot be shown safely
 */
export async function liveDocument(
  html: string,
  attachments: readonly ReadAttachment[],
  scheme: ColorScheme,
  scripts: readonly string[],
): Promise<LiveDocument> {
  const shown = await safeHtml(await withColorScheme(html, scheme), attachments)
  // Browsers that run scripts read what is in it differently from the check.
  if (/<noscript/i.test(shown)) throw new Error('it contains <noscript>')
  const nonce = randomBytes(16).toString('base64')
  const tags = scripts.map((script) => `<script nonce="${nonce}">${insideScript(script)}</script>`)
  return { text: `${shown}${tags.join('')}`, nonce }
}

/** The same script, without what would end its element or begin a comment in it (HTML 4.12.1.3). */
function insideScript(script: string): string {
  return script.replaceAll(/<(?=!--|\/script)/gi, '\\x3C')
}
