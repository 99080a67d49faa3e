import { thrownInWords } from '@loudmail/core/transport'
import type { MailNews } from '../mail-news.ts'
import { WebhookError, type WebhookProblem } from '../webhook-error.ts'

/** Something that did not go well with a request. */
export interface WebhookReport {
  /**
   * `refused`: nothing of the request was believed. `failed`: something that it told could not be handled, and the provider is
   * asked to tell it again. `unknown`: it has events that this package does not know.
   */
  readonly kind: 'refused' | 'failed' | 'unknown'
  /** As people call it. */
  readonly provider: string
  /** What happened: a `WebhookError` if it was refused, otherwise what `onNews` or the store threw. */
  readonly error: unknown
  /** The first news that could not be handled. */
  readonly news?: MailNews | undefined
  /** The names of the unknown events. */
  readonly unknown?: readonly string[] | undefined
  /** The status of the answer. */
  readonly status: number
}

/** Writes process warnings: of refusals, which any stranger can cause, only the first of each kind. */
export function warnOf(): (report: WebhookReport) => void {
  const warned = new Set<WebhookProblem>()
  return (report) => {
    const { kind, error } = report
    if (kind === 'refused' && error instanceof WebhookError) {
      if (warned.has(error.problem)) return
      warned.add(error.problem)
    }
    process.emitWarning(sentence(report), 'LoudmailWarning')
  }
}

function sentence({ kind, provider, error, news, unknown = [], status }: WebhookReport): string {
  if (kind === 'unknown')
    return `A webhook of ${provider} has events that are not known: ${visible(unknown.slice(0, 5).join(', '))}. They were answered with ${status} and are lost, unless you read them in the provider's log.`
  const why = visible(kind === 'refused' && error instanceof Error ? error.message : thrownInWords(error))
  if (kind === 'failed')
    return `A webhook of ${provider} could not be handled${news ? ` (${news.type})` : ''}: ${why}. ${after(status)}`
  const hint = error instanceof WebhookError ? ` ${error.hint}` : ''
  return `A webhook for ${provider} was refused with ${status}: ${why}.${hint} Further ones like it cause no warning.`
}

function after(status: number): string {
  if (status === 200)
    return 'It was handled and answered with 200, but a second delivery of it would be handled again.'
  return `It was answered with ${status}, so that it is sent again.`
}

function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.slice(0, 500).replaceAll(/[\x00-\x1F\x7F-\x9F]/g, ' ')
}
