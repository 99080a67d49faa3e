import { checkNumber, checkOptions } from '../failure/config-error.ts'
import { localTransport } from './local-transport.ts'
import type { Message } from '../message/message.ts'
import type { Transport } from './transport.ts'

/** A transport that keeps messages in the process. */
export interface MemoryTransport extends Transport {
  /** The messages that were sent, the oldest first. */
  readonly messages: readonly Message[]
  /** Forgets the messages. */
  clear(): void
}

/**
 * Keeps messages instead of sending them. There is no SMTP conversation: to try out failures, use the debug transport.
 *
 * @param options.limit how many messages to keep; the oldest are dropped first. Default 1,000.
 */
export function memory(options: { limit?: number } = {}): MemoryTransport {
  checkOptions(options, 'memory()', { limit: true })
  checkNumber(options.limit, 'memory() limit', 1, true)
  const { limit = 1_000 } = options
  const messages: Message[] = []
  const take = (message: Message): void => {
    if (messages.length >= limit) messages.shift()
    messages.push(message)
  }
  return { ...localTransport('memory()', 'captured', take), messages, clear: () => void messages.splice(0) }
}
