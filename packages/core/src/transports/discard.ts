import { localTransport } from './local-transport.ts'
import type { Transport } from './transport.ts'

/** Throws every message away, on purpose: it warns once when it is made, and receipts say `discarded`. */
export function discard(): Transport {
  process.emitWarning('mail is discarded: no message will leave this process', 'LoudmailWarning')
  return localTransport('discard()', 'discarded', () => {})
}
