import type { Loss } from './conversation/link.ts'

/** What an aborted signal says of itself: the time was over, or the caller gave up. */
export function abortKind(signal: AbortSignal | undefined): 'timeout' | 'aborted' {
  return (signal?.reason as { name?: unknown } | undefined)?.name === 'TimeoutError' ? 'timeout' : 'aborted'
}

/** How it ends what waits for something. */
export function abortLoss(signal: AbortSignal | undefined): Pick<Loss, 'kind' | 'summary'> {
  const kind = abortKind(signal)
  return {
    kind,
    summary: kind === 'timeout' ? 'the deadline of the send passed before an answer came' : undefined,
  }
}
