/** What an aborted signal says of itself: the time was over, or the caller gave up. */
export function abortKind(signal: AbortSignal | undefined): 'timeout' | 'aborted' {
  return (signal?.reason as { name?: unknown } | undefined)?.name === 'TimeoutError' ? 'timeout' : 'aborted'
}
