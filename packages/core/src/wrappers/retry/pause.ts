import { LONGEST_MS } from '../../mailer/deadline.ts'

/** Waits. Resolves to whether it waited to the end: `signal` ends it at once. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const end = (isOver: boolean): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      resolve(isOver)
    }
    const onAbort = (): void => end(false)
    const timer = setTimeout(end, Math.min(Math.max(ms, 0), LONGEST_MS), true)
    signal?.addEventListener('abort', onAbort)
  })
}
