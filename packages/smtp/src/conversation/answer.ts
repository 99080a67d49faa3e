import type { Reply } from '@loudmail/core'
import type { Redact } from '@loudmail/core/transport'
import { replyOf } from '../opening/failed-reply.ts'
import type { ReplyLines } from './reply-reader.ts'

/** A reply as it came: taken apart only where somebody looks closer, since most just say that all is well. */
export class Answer {
  readonly code: number
  readonly #lines: ReplyLines
  readonly #protocol: 'smtp' | 'lmtp'
  readonly #command: string
  readonly #redact: Redact | undefined
  #reply: Reply | undefined

  constructor(lines: ReplyLines, protocol: 'smtp' | 'lmtp', command: string, redact: Redact | undefined) {
    this.code = lines.code
    this.#lines = lines
    this.#protocol = protocol
    this.#command = command
    this.#redact = redact
  }

  /** The same object every time. */
  get reply(): Reply {
    return (this.#reply ??= replyOf(this.#lines, this.#protocol, this.#command, this.#redact)!)
  }

  /** The whole reply in one line of text, with its codes. */
  get text(): string {
    const { lines } = this.#lines
    if (lines.length === 1) return this.#redact ? this.#redact(lines[0]!) : lines[0]!
    const { code, enhanced, text } = this.reply
    return [code, enhanced, text].filter(Boolean).join(' ')
  }
}

/** Whether an answer is a positive completion (RFC 5321 section 4.2.1). */
export function isPositive(answer: Answer | undefined): answer is Answer {
  return answer !== undefined && answer.code >= 200 && answer.code < 300
}

export function isNegative(answer: Answer | undefined): answer is Answer {
  return answer !== undefined && answer.code >= 400
}
