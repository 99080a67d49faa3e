import type { Terminal } from './terminal/terminal.ts'

/** Waits for Ctrl-C, or for SIGTERM, as `docker stop` and process managers send it. */
export function untilStopped(terminal: Terminal): {
  readonly signal: Promise<void>
  /** Lets signals do what they usually do. */
  forget(): void
} {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = (): void => resolve()
  process.on('SIGTERM', stop)
  if (terminal.interrupted.aborted) stop()
  terminal.interrupted.addEventListener('abort', stop)
  return {
    signal: promise,
    forget() {
      process.off('SIGTERM', stop)
      terminal.interrupted.removeEventListener('abort', stop)
    },
  }
}
