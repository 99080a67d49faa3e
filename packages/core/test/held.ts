import type { Delivery, Message, MessageInput, Transport, TransportContext } from '../src/index.ts'
import { toMessage } from '../src/transport.ts'
import type { Act } from './scripted.ts'

/** A send that waits for the test. */
export interface HeldSend {
  readonly message: Message
  readonly context: TransportContext | undefined
  /** Ends it: it fails as the act says, or is delivered if there is none. */
  end(act?: Act): void
}

/** A transport whose sends end when the test says so. */
export function held(name = 'held()'): Transport & { readonly sends: HeldSend[] } {
  const sends: HeldSend[] = []
  return {
    name,
    sends,
    send: (message, context) =>
      new Promise<Delivery>((resolve, reject) => {
        const end = (act?: Act): void => {
          const error = act?.(message)
          if (error) reject(error)
          else resolve({ transport: name, state: 'sent', failures: [] })
        }
        sends.push({ message, context, end })
      }),
  }
}

export const toBob = (changes: Partial<MessageInput> = {}): Message =>
  toMessage({ from: 'ann@example.com', to: 'bob@example.com', text: 'Hi', ...changes })
