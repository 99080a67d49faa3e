import type { MailError } from '@loudmail/core'
import type { Extension, Suspicion } from '@loudmail/core/transport'

/** `cleared`: a message failed without it in the same way, so it was not the cause. */
type State = 'not-used' | 'new' | 'proven' | 'cleared'

/** What a transport has learned about the extensions that its server offers. */
export class Trust {
  readonly #states: Record<Extension, State>

  constructor({ pipelining, chunking }: { readonly pipelining: boolean; readonly chunking: boolean }) {
    this.#states = {
      PIPELINING: pipelining ? 'new' : 'not-used',
      CHUNKING: chunking ? 'new' : 'not-used',
    }
  }

  /** Whether messages use it if the server offers it. */
  uses(extension: Extension): boolean {
    return this.#states[extension] !== 'not-used'
  }

  proved(extension: Extension): void {
    if (this.#states[extension] === 'new') this.#states[extension] = 'proven'
  }

  clear(extension: Extension): void {
    this.#states[extension] = 'cleared'
  }

  /** Messages go without it from now on. */
  distrust(extension: Extension): void {
    this.#states[extension] = 'not-used'
  }

  /** Whether a sign weighs more than what is known. @param worked it has worked on this connection */
  isReason({ extension, by }: Suspicion, worked: boolean): boolean {
    const state = this.#states[extension]
    // Another message has shown it meanwhile.
    if (state === 'not-used') return true
    // A server that is only slow, or a message that the server does not like, must not switch it off.
    if (by === 'silent') return state === 'new'
    return by === 'words' || (state !== 'cleared' && !worked)
  }
}

const HINTS: Readonly<Record<Extension, string>> = {
  PIPELINING:
    'The server offers PIPELINING, but does not accept several commands at once. The next messages go without it. Set `pipelining: false` to do without it from the start.',
  CHUNKING:
    'The server offers CHUNKING, but does not accept BDAT. The next messages go with DATA. Set `chunking: false` to do so from the start.',
}

/** What to do about a server that does not keep to an extension. */
export function hintWithout(extension: Extension, { delivered, hint }: MailError): string {
  return delivered === 'unknown' ? `${hint} ${HINTS[extension]}` : HINTS[extension]
}
