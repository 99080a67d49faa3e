import { checkNumber, checkOptions, configError, type OptionNames } from '@loudmail/core/transport'
import type { MailNews } from '../mail-news.ts'
import type { WebhookSource } from '../webhook-source.ts'
import { memorySeen, type SeenStore } from './seen-store.ts'
import { warnOf, type WebhookReport } from './report.ts'

/** Is called with each news, one after the other. If it throws or rejects, the provider is asked to tell it again. */
export type OnNews = (news: MailNews) => unknown

/** The options of {@link webhook} and {@link handleWebRequest}. */
export interface WebhookOptions {
  /** The longest body, in octets. @default 1_048_576 */
  readonly maxBytes?: number | undefined
  /** How long the body may take to arrive, in ms. @default 30_000 */
  readonly bodyTimeoutMs?: number | undefined
  /** Remembers what was handled. @default memorySeen(): for one process, until it ends */
  readonly seen?: SeenStore | undefined
  /**
   * Hears of everything that did not go well. @default a process warning: of every failure and every unknown event, and of the
   * first refusal of each kind
   */
  readonly onProblem?: ((report: WebhookReport) => unknown) | undefined
}

/** Options that were checked, with every default filled in. */
export interface Handling {
  readonly source: WebhookSource
  readonly onNews: OnNews
  readonly maxBytes: number
  readonly bodyTimeoutMs: number
  readonly seen: SeenStore
  readonly onProblem: (report: WebhookReport) => unknown
  /** What hears of a problem if `onProblem` fails. */
  readonly warn: (report: WebhookReport) => void
}

const OPTIONS: OptionNames<WebhookOptions> = {
  maxBytes: true,
  bodyTimeoutMs: true,
  seen: true,
  onProblem: true,
}

/** The longest body, in octets, unless an option says otherwise. */
export const MOST_BYTES = 1_048_576
/** A timer cannot be set for longer, in ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** @throws MailError `config/invalid-config` */
export function handlingOf(
  owner: string,
  source: WebhookSource,
  onNews: OnNews,
  options: WebhookOptions = {},
): Handling {
  checkSource(owner, source)
  if (typeof onNews !== 'function')
    throw configError(
      `${owner} needs a function that takes the news: ${owner.slice(0, -1)}source, (news) => …)`,
    )
  checkOptions(options, owner, OPTIONS)
  const { maxBytes = MOST_BYTES } = options
  const bodyTimeoutMs = bodyTimeoutOf(owner, options)
  const warn = warnOf()
  const { seen = memorySeen(), onProblem = warn } = options
  checkNumber(maxBytes, `${owner} maxBytes`, 1, true)
  if (typeof seen?.get !== 'function' || typeof seen.set !== 'function')
    throw configError(`${owner} seen must have the methods get and set`)
  if (typeof onProblem !== 'function') throw configError(`${owner} onProblem must be a function`)
  return { source, onNews, maxBytes, bodyTimeoutMs, seen, onProblem, warn }
}

/** How long a body may take, in ms. @throws MailError `config/invalid-config` */
export function bodyTimeoutOf(
  owner: string,
  { bodyTimeoutMs = 30_000 }: Pick<WebhookOptions, 'bodyTimeoutMs'>,
): number {
  checkNumber(bodyTimeoutMs, `${owner} bodyTimeoutMs`, 1, true)
  return Math.min(bodyTimeoutMs, LONGEST_TIMER_MS)
}

/** @throws MailError `config/invalid-config` */
export function checkSource(owner: string, source: WebhookSource): void {
  if (typeof source?.read !== 'function' || typeof source.provider !== 'string')
    throw configError(`${owner} needs a source, such as resendWebhook({ secret })`)
}
