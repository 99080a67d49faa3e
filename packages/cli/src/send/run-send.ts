import type { Terminal } from '../terminal/terminal.ts'
import { createTransport } from './create-transport.ts'
import { checkLoadOptions } from './load/check-load-options.ts'
import { runLoad } from './load/run-load.ts'
import { readMessages } from './read-messages.ts'
import { readPasswords } from './read-password.ts'
import { readUrl } from './read-url.ts'
import type { SendOptions } from './send-options.ts'
import { sendMessages } from './send-messages.ts'

/**
 * Runs `loudmail send`. Everything that can be wrong in the command line is found before anything connects.
 *
 * @returns the exit status
 */
export async function runSend(
  args: readonly string[],
  options: SendOptions,
  terminal: Terminal,
): Promise<number> {
  const url = readUrl(args, options, terminal)
  checkLoadOptions(url.urls, options)
  const messages = await readMessages(url.file, options, terminal.interrupted)
  const passwordOf = await readPasswords(url.urls, options, terminal)
  const transport = await createTransport(url, passwordOf, options)
  return options.repeat === undefined
    ? sendMessages(messages, transport, options, terminal)
    : runLoad(messages, transport, { ...options, repeat: options.repeat }, terminal)
}
