import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { start, type Run, type RunOptions } from '../cli.ts'

/** A worker that runs until it is stopped. */
export interface RunningWork {
  readonly child: ChildProcess
  /** Ends it, and gives what it wrote. */
  readonly stop: (signal: NodeJS.Signals) => Promise<Run>
}

/** Starts `loudmail outbox work`. */
export function startWork(file: string, args: readonly string[], options: RunOptions = {}): RunningWork {
  const child = start(['outbox', 'work', '--store', file, ...args], options)
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdin!.on('error', () => {}).end(options.input ?? '')
  const output = Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
  return {
    child,
    async stop(signal) {
      child.kill(signal)
      const [stdout, stderr, [status]] = await output
      return { stdout, stderr, status: status as number | null }
    },
  }
}
