/** How long a transport may take to say how far it got after it was told to end, in ms: less than a mailer waits. */
const GRACE_MS = 500

/**
 * Waits for a transport, but not for ever: one that does not end when its signal says so must not hold its place.
 *
 * @param giveUp what to go on with then
 */
export function untilGivenUp<Result>(
  sending: Promise<Result>,
  signal: AbortSignal | undefined,
  giveUp: () => Result,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const onAbort = (): void => {
      timer = setTimeout(() => resolve(giveUp()), GRACE_MS)
    }
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
    void sending.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    })
  })
}
