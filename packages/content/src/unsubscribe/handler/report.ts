import { thrownInWords } from '@loudmail/core/transport'
import { UnsubscribeError, type UnsubscribeProblem } from './unsubscribe-error.ts'
import type { Unsubscribing } from './unsubscribing.ts'

/** Something that did not go well with a request. */
export interface UnsubscribeReport {
  /**
   * `failed`: somebody wanted to unsubscribe, and `onUnsubscribe` failed. `refused`: the request unsubscribes nobody. `page`:
   * `texts` or `page` failed, and the default page was shown.
   */
  readonly kind: 'failed' | 'refused' | 'page'
  /** What happened: an `UnsubscribeError` if it was refused, otherwise what was thrown. */
  readonly error: unknown
  /** Who wanted to unsubscribe from what, if it failed. Nobody may ask again, so keep it. */
  readonly unsubscribing?: Unsubscribing | undefined
  /** The status of the answer. */
  readonly status: number
}

/** Writes process warnings: of refusals, which any stranger can cause, only the first of each kind. */
export function warnOf(): (report: UnsubscribeReport) => void {
  const warned = new Set<UnsubscribeProblem>()
  return (report) => {
    const { kind, error } = report
    if (kind === 'refused' && error instanceof UnsubscribeError) {
      if (warned.has(error.problem)) return
      warned.add(error.problem)
    }
    process.emitWarning(sentence(report), 'LoudmailWarning')
  }
}

function sentence({ kind, error, unsubscribing, status }: UnsubscribeReport): string {
  const why = visible(kind === 'refused' && error instanceof Error ? error.message : thrownInWords(error))
  if (kind === 'page')
    return `The page for unsubscribing could not be made: ${why}. The default page was shown instead.`
  if (kind === 'failed') {
    const who = unsubscribing && `${unsubscribing.address} from ${JSON.stringify(unsubscribing.list)}`
    return `Unsubscribing ${visible(who ?? '')} failed: ${why}. The answer was ${status}, and a mail program may not try again: unsubscribe this address yourself.`
  }
  const hint = error instanceof UnsubscribeError ? ` ${error.hint}` : ''
  return `A request to unsubscribe was refused with ${status}: ${why}.${hint} Further ones like it cause no warning.`
}

function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.slice(0, 500).replaceAll(/[\x00-\x1F\x7F-\x9F]/g, ' ')
}
