import { setTimeout as sleep } from 'node:timers/promises'
import { Mailer, type MessageInput, type Transport } from '@loudmail/core'
import { EXIT } from '../../exit-status.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { UsageError } from '../../usage-error.ts'
import { POLICIES } from '../policies.ts'
import type { LoadOptions } from '../send-options.ts'
import { loadSummary } from './load-summary.ts'
import { LoadResult } from './load-result.ts'
import { Pace } from './pace.ts'
import { printLoad } from './print-load.ts'
import { Progress } from './progress.ts'
import { repeated } from './repeated.ts'

/** As many as `smtp()` opens by default. */
const CONNECTIONS = 5
/** With a rate, the server does not decide when the next message starts, so more of them may wait for it. */
const MOST_UNDER_WAY = 1_000

/**
 * Sends a message many times and prints a summary. Ctrl-C and a refused log-in start no more messages, and those in progress
 * come to their end.
 *
 * @returns the exit status
 */
export async function runLoad(
  messages: readonly MessageInput[],
  transport: Transport,
  options: LoadOptions,
  terminal: Terminal,
): Promise<number> {
  const [message, ...others] = messages
  if (message === undefined || others.length > 0) throw new UsageError('--repeat needs exactly one message')
  const result = new LoadResult()
  const progress = new Progress(result, options.repeat, terminal)
  try {
    await load(message, transport, options, result, terminal.interrupted)
  } finally {
    progress.end()
  }
  const summary = loadSummary(result, options)
  if (options.json) terminal.printJson(summary)
  else printLoad(terminal, summary)
  return result.isLoud || result.refusedLogIn ? EXIT.failed : EXIT.ok
}

async function load(
  message: MessageInput,
  transport: Transport,
  { rate, repeat, connections = CONNECTIONS, policy, deadline }: LoadOptions,
  result: LoadResult,
  interrupted: AbortSignal,
): Promise<void> {
  await using mailer = new Mailer({
    transport,
    failure: POLICIES[policy],
    deadlineMs: deadline === undefined ? undefined : deadline * 1_000,
    // The summary counts all failures. Reading the error takes it, so that it is not printed as well.
    observe: (event) => void event.error,
  })
  const first = Promise.withResolvers<void>()
  async function* source(): AsyncIterable<MessageInput> {
    const next = repeated(message)
    const pace = rate === undefined ? undefined : new Pace(rate, performance.now())
    while (result.started < repeat) {
      // One log-in shows whether the others work. Without that, each connection would try one.
      if (result.started === 1) await first.promise
      if (interrupted.aborted || result.refusedLogIn) return
      const waitMs = pace?.waitMs(performance.now()) ?? 0
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: interrupted }).catch(() => {})
      else {
        const now = performance.now()
        pace?.started(now)
        result.start(now)
        yield next()
      }
    }
  }
  // Without a rate, one for each connection: more would wait, and the wait would count as time of the server.
  const concurrency = rate === undefined ? connections : MOST_UNDER_WAY
  for await (const { receipt } of mailer.sendMany(source(), { concurrency })) {
    result.settle(receipt, performance.now())
    first.resolve()
  }
}
