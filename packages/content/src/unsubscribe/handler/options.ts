import { checkNumber, checkOptions, configError, type OptionNames } from '@loudmail/core/transport'
import type { UnsubscribeLinks } from '../links/unsubscribe-links.ts'
import { checkedTexts, type UnsubscribeTexts, type UnsubscribeView } from './page.ts'
import { warnOf, type UnsubscribeReport } from './report.ts'
import type { OnUnsubscribe } from './unsubscribing.ts'

/** The options of {@link unsubscribeHandler} and {@link unsubscribeWebHandler}. */
export interface UnsubscribeOptions {
  /**
   * The texts of the page, or a function that chooses them, by the languages of the browser or by the list. `{address}` and
   * `{list}` are replaced in each. @default English
   */
  readonly texts?:
    | Partial<UnsubscribeTexts>
    | ((view: UnsubscribeView) => Partial<UnsubscribeTexts>)
    | undefined
  /**
   * Makes the whole page, as HTML; it has to escape what it shows. For `view.state` `ask` it needs the form
   * `<form method="post"><button name="unsubscribe" value="confirm">…</button></form>`. No script runs in it. If it fails, the
   * default page is shown.
   */
  readonly page?: ((view: UnsubscribeView) => string | Promise<string>) | undefined
  /** The longest body, in octets. @default 16_384 */
  readonly maxBytes?: number | undefined
  /** How long the body may take to arrive, in ms. @default 30_000 */
  readonly bodyTimeoutMs?: number | undefined
  /**
   * Hears of everything that did not go well. @default a process warning: of every failure, and of the first refusal of each
   * kind
   */
  readonly onProblem?: ((report: UnsubscribeReport) => unknown) | undefined
}

/** Options that were checked, with every default filled in. */
export interface Handling extends Pick<UnsubscribeOptions, 'texts' | 'page'> {
  readonly links: UnsubscribeLinks
  readonly onUnsubscribe: OnUnsubscribe
  readonly maxBytes: number
  readonly bodyTimeoutMs: number
  readonly onProblem: (report: UnsubscribeReport) => unknown
  /** What hears of a problem if `onProblem` fails. */
  readonly warn: (report: UnsubscribeReport) => void
}

const OPTIONS: OptionNames<UnsubscribeOptions> = {
  texts: true,
  page: true,
  maxBytes: true,
  bodyTimeoutMs: true,
  onProblem: true,
}
/** A timer cannot be set for longer, in ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** @throws MailError `config/invalid-config` */
export function handlingOf(
  owner: string,
  links: UnsubscribeLinks,
  onUnsubscribe: OnUnsubscribe,
  options: UnsubscribeOptions = {},
): Handling {
  if (typeof (links as UnsubscribeLinks | undefined)?.read !== 'function')
    throw configError(`${owner} needs links: new UnsubscribeLinks({ url, secret })`)
  if (typeof onUnsubscribe !== 'function')
    throw configError(
      `${owner} needs a function that takes an address off a list: ${owner.slice(0, -1)}links, ({ address, list }) => …)`,
    )
  checkOptions(options, owner, OPTIONS)
  const { texts, page, maxBytes = 16_384, bodyTimeoutMs = 30_000 } = options
  const warn = warnOf()
  const { onProblem = warn } = options
  checkNumber(maxBytes, `${owner} maxBytes`, 1, true)
  checkNumber(bodyTimeoutMs, `${owner} bodyTimeoutMs`, 1, true)
  if (texts !== undefined && typeof texts !== 'function') checkedTexts(texts, `${owner} texts`)
  if (page !== undefined && typeof page !== 'function') throw configError(`${owner} page must be a function`)
  if (typeof onProblem !== 'function') throw configError(`${owner} onProblem must be a function`)
  const timeoutMs = Math.min(bodyTimeoutMs, LONGEST_TIMER_MS)
  return { links, onUnsubscribe, texts, page, maxBytes, bodyTimeoutMs: timeoutMs, onProblem, warn }
}
