import type { Reply } from '../failure/recipient-outcome.ts'
import type { Redact } from '../failure/redact.ts'
import type { Stage } from '../failure/vocabulary.ts'
import { diagnoseReply, type Diagnosis } from './diagnose-reply.ts'
import { parseReply } from './parse-reply.ts'
import type { ReplyLines } from './reply-reader.ts'

/** A reply. It is parsed, redacted and diagnosed only when needed, and only once: most replies just report success. */
export class Answer {
  /** The reply code (RFC 5321 section 4.2). */
  readonly code: number
  readonly #lines: readonly string[]
  readonly #protocol: 'smtp' | 'lmtp'
  readonly #command: string
  readonly #redact: Redact | undefined
  #reply: Reply | undefined
  #diagnosis: { readonly stage: Stage; readonly is: Diagnosis } | undefined

  /** @param command the command that it answers, as the transcript shows it */
  constructor({ code, lines }: ReplyLines, protocol: 'smtp' | 'lmtp', command: string, redact?: Redact) {
    this.code = code
    this.#lines = lines
    this.#protocol = protocol
    this.#command = command
    this.#redact = redact
  }

  /** The reply for a failure, without secrets; the same object every time. */
  get reply(): Reply {
    if (this.#reply) return this.#reply
    const { enhanced, text } = parseReply(this.#lines, this.#protocol) ?? { text: this.#lines.join('\n') }
    const redact = this.#redact ?? ((plain: string) => plain)
    const reply = { protocol: this.#protocol, code: this.code, enhanced, text: redact(text) }
    return (this.#reply = Object.freeze({ ...reply, command: redact(this.#command) }))
  }

  /** The whole reply in one line of text, with its codes. */
  get text(): string {
    const [first = ''] = this.#lines
    if (this.#lines.length === 1) return this.#redact ? this.#redact(first) : first
    const { code, enhanced, text } = this.reply
    return [code, enhanced, text].filter(Boolean).join(' ')
  }

  /** What the reply means at this stage. */
  diagnosis(stage: Stage): Diagnosis {
    if (this.#diagnosis?.stage !== stage) this.#diagnosis = { stage, is: diagnoseReply(stage, this.reply) }
    return this.#diagnosis.is
  }
}

/** Whether an answer is a positive completion (RFC 5321 section 4.2.1). */
export function isPositive(answer: Answer | undefined): answer is Answer {
  return answer !== undefined && answer.code >= 200 && answer.code < 300
}

/** Whether a reply refuses: 4yz or 5yz (RFC 5321 section 4.2.1). */
export function isNegative(answer: Answer | undefined): answer is Answer {
  return answer !== undefined && answer.code >= 400
}
