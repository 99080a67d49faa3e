import { thrownInWords } from '@loudmail/core/transport'
import { answer, textAnswer, type Answer } from './answer.ts'
import type { ReadAttachment } from './read-mail.ts'
import { safeHtml } from './safe-html.ts'

/** What a frame may do apart from showing a message. */
export interface FrameRights {
  /** It may load remote images, styles and fonts. */
  readonly remote: boolean
  /** Scripts of the inbox with this nonce run in it, and no others. @default no script runs */
  readonly nonce?: string | undefined
  /** Its links open a new window. */
  readonly links: boolean
}

/**
 * The HTML of a message may only be shown: it has an origin of its own, no script of it runs, nothing is loaded, and links
 * open a new window.
 */
function framePolicy({ remote, nonce, links }: FrameRights): string {
  const elsewhere = remote ? ' http: https:' : ''
  const sandbox = [
    'sandbox',
    ...(nonce === undefined ? [] : ['allow-scripts']),
    ...(links ? ['allow-popups', 'allow-popups-to-escape-sandbox'] : []),
  ]
  return [
    "default-src 'none'",
    ...(nonce === undefined ? [] : [`script-src 'nonce-${nonce}'`]),
    `img-src data:${elsewhere}`,
    `style-src 'unsafe-inline'${elsewhere}`,
    `font-src data:${elsewhere}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    sandbox.join(' '),
  ].join('; ')
}

/** The HTML of a message, for its frame. */
export async function frameAnswer(
  html: string,
  attachments: readonly ReadAttachment[],
  remote: boolean,
): Promise<Answer> {
  try {
    return documentAnswer(await safeHtml(html, attachments), { remote, links: true })
  } catch (error) {
    return unsafeAnswer(error)
  }
}

/** A document that is safe to show with these rights. */
export function documentAnswer(document: string, rights: FrameRights): Answer {
  const headers = { 'content-security-policy': framePolicy(rights), 'referrer-policy': 'no-referrer' }
  return answer(200, 'text/html; charset=utf-8', document, headers)
}

/** The message is at fault, not the inbox: it is nested too deep, for example. */
export function unsafeAnswer(error: unknown): Answer {
  return textAnswer(
    422,
    `This HTML cannot be shown safely (${thrownInWords(error)}). Look at its source instead.`,
  )
}
