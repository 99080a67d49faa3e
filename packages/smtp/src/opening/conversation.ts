import type { TranscriptEntry } from '@loudmail/core'
import { Answer, type NotAReply, type ReplyLines } from '@loudmail/core/transport'
import type { Expectation, Link, LinkLoss, Requester } from '../conversation/link.ts'
import type { Settings, TimedStage } from '../options.ts'
import type { Ask } from './authenticate.ts'
import { OpeningFailure } from './opening-failure.ts'
import type { Opening, Step } from './opening.ts'

/** A command, and what the transcript has instead of it if it contains a secret. */
interface Question {
  readonly stage: TimedStage
  readonly command: string
  readonly shown?: string | undefined
}

/** What is waited for: so many replies. */
interface Waiting {
  readonly step: Step<ReplyLines[]>
  readonly questions: readonly Question[]
  readonly replies: ReplyLines[]
  readonly since: number
}

/** Sends one command after the other, or several together, and returns promises of the replies. */
export class Conversation implements Requester {
  readonly #link: Link
  readonly #opening: Opening
  readonly #protocol: Settings['protocol']
  #waiting: Waiting | undefined
  #lost: LinkLoss | undefined

  constructor(link: Link, opening: Opening, protocol: Settings['protocol']) {
    this.#link = link
    this.#opening = opening
    this.#protocol = protocol
    link.onLost = (loss) => {
      this.#lost = loss
      this.#waiting?.step.fail(this.#failureOf(loss))
    }
  }

  get entries(): TranscriptEntry[] {
    return this.#link.recorder.preamble
  }

  async greeting(): Promise<ReplyLines> {
    const [reply] = await this.#wait([{ stage: 'greeting', command: 'connection' }], () =>
      this.#link.expect({ requester: this, stage: 'greeting', step: 'greeting', index: 0 }),
    )
    return reply!
  }

  readonly ask: Ask = async (stage, command, shown) => {
    const [reply] = await this.askTogether([{ stage, command, shown }])
    return reply!
  }

  /** Sends the commands in one write. */
  askTogether(questions: readonly Question[]): Promise<ReplyLines[]> {
    return this.#wait(questions, () => {
      for (const { stage, command, shown } of questions)
        this.#link.command(this, stage, 'command', command, 0, shown || command)
    })
  }

  answered(reply: ReplyLines | NotAReply, { stage }: Expectation): void {
    const waiting = this.#waiting!
    const { step, questions, replies, since } = waiting
    if (reply.code === undefined) {
      this.#waiting = undefined
      return step.fail({
        stage,
        kind: stage === 'greeting' ? 'not-smtp' : 'protocol',
        summary: `the server's answer is not an SMTP reply: ${reply.lines[0]}`,
      })
    }
    const { command, shown = command } = questions[replies.length]!
    const { watch } = this.#opening
    if (watch) {
      const answer = new Answer(reply, this.#protocol, shown, this.#link.recorder.redact)
      watch.answered(stage, answer.reply, performance.now() - since)
    }
    replies.push(reply)
    const next = questions[replies.length]
    if (next) return step.enter(next.stage, Infinity)
    this.#waiting = undefined
    step.done(replies)
  }

  /** @throws OpeningFailure if the connection was lost meanwhile */
  expectAlive(): void {
    if (this.#lost) throw new OpeningFailure({ ...this.#failureOf(this.#lost), stage: 'mail-from' })
  }

  /** The link has its own time-out and ends the step when it is lost. */
  #wait(questions: readonly Question[], ask: () => void): Promise<ReplyLines[]> {
    return this.#opening.step<ReplyLines[]>(questions[0]!.stage, Infinity, (step) => {
      if (this.#lost) step.fail(this.#failureOf(this.#lost))
      else {
        this.#waiting = { step, questions, replies: [], since: performance.now() }
        ask()
      }
      return () => this.#link.fail({ kind: 'aborted' })
    })
  }

  #failureOf({ kind, stage, summary, cause }: LinkLoss): OpeningFailure['init'] {
    return { stage: stage === 'tls' ? 'tls' : this.#opening.stage, kind, summary, cause }
  }
}
