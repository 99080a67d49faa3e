import { localTransport } from './local-transport.ts'
import type { Transport } from './transport.ts'

/** Discards every message, on purpose. It prints a warning when it is created, and receipts say `discarded`. */
export function discard(): Transport {
  process.emitWarning('mail is discarded: no message will be sent', 'LoudmailWarning')
  return localTransport('discard()', 'discarded', () => {})
}
