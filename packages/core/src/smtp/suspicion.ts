import type { Reply } from '../failure/recipient-outcome.ts'
import { isNegative, type Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import { isFarewellAfterPause } from './farewell.ts'
import type { Loss } from './outcome.ts'

/** An extension that some servers offer, or a proxy in front of them, and do not keep to. */
export type Extension = 'PIPELINING' | 'CHUNKING'

/** A sign that a server does not keep to an extension that it offers. */
export interface Suspicion {
  /** The extension that the server may offer without supporting it. */
  readonly extension: Extension
  /** `words`: the server names it. `refused`: it does not know the commands. `silent`: it does not answer them. */
  readonly by: 'words' | 'refused' | 'silent'
}

/** How a message was sent. */
interface Way {
  /** Its commands went out together. */
  readonly pipelining: boolean
  /** Whether content had been sent. */
  readonly contentBegun: boolean
}

const PIPELINING = /pipelin|synchroni[sz]ation/i
const BDAT = /bdat|chunking/i
/** DATA without MAIL and RCPT. */
const NO_RECIPIENTS = /no valid recipient|no recipient|need rcpt/i
/** The server refuses the commands for another reason. */
const SOMETHING_ELSE = /auth|log-? ?in|log-? ?on|tls|ssl|helo|ehlo/i

/**
 * The sign that an extension made a message fail: the server refuses its commands as unknown or out of order, or does not
 * answer them.
 *
 * @see RFC 2920 (PIPELINING), RFC 3030 (CHUNKING)
 */
export function suspicionOf(exchange: Exchange, loss: Loss | undefined, way: Way): Suspicion | undefined {
  const { refusal, final, asksData } = exchange
  // In a window the content goes out before the first reply.
  if (way.contentBegun && !(refusal && PIPELINING.test(refusal.text))) {
    if (asksData) return undefined
    return signOf('CHUNKING', final.find(isNegative), BDAT, isUnknownCommand, loss)
  }
  if (!way.pipelining) return undefined
  return signOf('PIPELINING', refusal, PIPELINING, isOutOfOrder, loss)
}

function signOf(
  extension: Extension,
  refusal: Answer | undefined,
  words: RegExp,
  isRefused: (answer: Answer) => boolean,
  loss: Loss | undefined,
): Suspicion | undefined {
  if (!refusal) return loss?.kind === 'timeout' ? { extension, by: 'silent' } : undefined
  if (words.test(refusal.text)) return { extension, by: 'words' }
  // The server waited for a command that had been sent.
  if (refusal.code === 421)
    return isFarewellAfterPause(421, refusal.text) ? { extension, by: 'silent' } : undefined
  return isRefused(refusal) ? { extension, by: 'refused' } : undefined
}

function isUnknownCommand({ code, reply }: Answer): boolean {
  return code >= 500 && code <= 504 && isSyntax(reply)
}

/** The server saw only some of the commands. To DATA alone it may say 554 (RFC 5321 section 3.3). */
function isOutOfOrder({ code, text, reply }: Answer): boolean {
  const saysSo = [500, 502, 503].includes(code) || (code === 554 && NO_RECIPIENTS.test(text))
  return saysSo && isSyntax(reply) && !SOMETHING_ELSE.test(text)
}

/** The reply is about the command, and not about the message (RFC 3463 section 3.6). */
function isSyntax({ enhanced }: Reply): boolean {
  return enhanced === undefined || enhanced.startsWith('5.5.')
}
