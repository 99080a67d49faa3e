import { MailError, type Stage } from '@loudmail/core'
import {
  isNegative,
  outcomeOf,
  refusedStep,
  refusedToken,
  type Answer,
  type Loss,
} from '@loudmail/core/transport'
import { guessedDeparture } from './guessed-departure.ts'
import { lineOf } from './expected.ts'
import type { Replay } from './replay.ts'
import { NOBODY, type Answered, type Transaction } from './transaction.ts'

/** What became of one message, or of a connection that came to none. */
export interface Outcome {
  readonly failure?: MailError | undefined
  /** What the server said when it accepted the message. */
  readonly accepted?: Answer | undefined
  /** How far it came, if nothing failed and nothing was sent. */
  readonly reached?: Stage | undefined
  readonly to: readonly string[]
  readonly startsAt: number
  /** The lines that show the failure. */
  readonly marked: readonly number[]
  readonly unsure: readonly string[]
}

export interface Wishes {
  /** The server's name, if the caller knows it better than the log. */
  readonly host: string | undefined
  /** A program that leaves after EHLO has a reason; a person who types may only look. */
  readonly mayGuess: boolean
}

const ENDS_WITHOUT_REASON =
  'The log ends before the server answered, and does not say why: this takes it that no answer came in time. The connection may also have been lost.'

const ENDS_IN_HANDSHAKE =
  'The log ends where TLS begins, and does not say why: the certificate, the version of TLS or the port may be wrong. The error of the program says more.'

const CLOSED_BY_PROGRAM =
  'The program closed the connection by itself, and the log does not say why. The error of the program says more.'

/** What became of the messages of a connection, in their order; of the connection itself if it came to no message. */
export function outcomesOf(replay: Replay, { host, mayGuess }: Wishes): Outcome[] {
  if (replay.transactions.length === 0) return [outcomeOfOpening(replay, host, mayGuess)]
  return replay.transactions.map((transaction) => outcomeOfMessage(replay, transaction, host))
}

function outcomeOfMessage(replay: Replay, transaction: Transaction, host: string | undefined): Outcome {
  const { exchange, to, startsAt, answered } = transaction
  const base = { to: [...to], startsAt, marked: [], unsure: [] }
  const situation = replay.surroundings.situation(host)
  const { refusal } = replay
  const isOfLogIn =
    refusal?.stage === 'auth' && exchange.mail?.diagnosis('mail-from').kind === 'auth-required'
  if (refusal && (isOfLogIn || refusal.stage === 'greeting')) {
    const failure = new MailError({ ...refusedStep(refusal), situation })
    return { ...base, failure, marked: linesOf([refusal]) }
  }
  const isLast = transaction === replay.transactions.at(-1)
  const isUnsettled = !transaction.isSettled && !exchange.breach
  if (isUnsettled && (!isLast || (transaction.isGivenUp && !replay.closing)) && !exchange.isInDoubt)
    return { ...base, reached: exchange.stage }
  const named = to.length > 0
  if (!named) to.push(NOBODY)
  const [loss, unsure] = isUnsettled ? lossOf(replay) : [undefined, []]
  const outcome = outcomeOf(exchange, loss, { situation })
  if (!named) to.pop()
  if (!MailError.is(outcome)) return { ...base, accepted: outcome }
  const failure = named ? outcome : outcome.with({ recipients: [] })
  const refusals = answered.filter(({ answer, stage }) => isNegative(answer) && stage === failure.stage)
  const marked =
    refusals.length > 0
      ? linesOf(refusals)
      : linesOf(waiting(replay, answered, failure), replay.endsAt ?? replay.lastAt)
  return { ...base, failure, marked, unsure: refusals.length > 0 ? [] : unsure }
}

function outcomeOfOpening(replay: Replay, host: string | undefined, mayGuess: boolean): Outcome {
  const { breach, refusal, ending, expected, progress, problem, surroundings } = replay
  const situation = surroundings.situation(host)
  const base = { to: [], startsAt: 0, marked: [], unsure: [] }
  const marked = linesOf(waiting(replay, [], undefined), replay.endsAt ?? replay.lastAt)
  if (breach) {
    const { stage, kind = 'protocol', text, reply } = breach
    return { ...base, failure: new MailError({ stage, kind, summary: text, reply, situation }), marked }
  }
  if (refusal)
    return {
      ...base,
      failure: new MailError({ ...refusedStep(refusal), situation }),
      marked: linesOf([refusal]),
    }
  const awaited = expected.find(({ verb }) => verb !== 'QUIT')
  const stage = ending?.stage ?? awaited?.stage ?? progress
  if (problem !== undefined && stage === 'auth') {
    const summary = refusedToken(problem, undefined)
    return { ...base, failure: new MailError({ stage, kind: 'oauth-token', summary, situation }), marked }
  }
  if (ending?.stage || awaited || (ending && progress !== 'ehlo' && progress !== 'auth')) {
    const [loss, unsure] = lossOf(replay)
    return { ...base, failure: new MailError({ ...loss, stage, situation }), marked, unsure }
  }
  const isInHandshake = progress === 'tls' && !surroundings.encrypted
  if (isInHandshake || (!replay.hasBegun && !replay.hasLeft)) {
    const isTls = isInHandshake || mayGuess
    const why = isTls
      ? ({ stage: 'tls', kind: 'handshake' } as const)
      : ({ stage: progress, kind: 'timeout' } as const)
    const failure = new MailError({ ...why, situation })
    return { ...base, failure, marked, unsure: [isTls ? ENDS_IN_HANDSHAKE : ENDS_WITHOUT_REASON] }
  }
  const guess = mayGuess ? guessedDeparture(replay, situation) : undefined
  return guess ? { ...base, ...guess, marked } : { ...base, reached: progress }
}

function lossOf({ ending, closing }: Replay): [Loss, readonly string[]] {
  if (closing) return [{ kind: 'connection-lost', closing: closing.reply }, []]
  if (ending?.kind === 'aborted') return [{ kind: 'aborted' }, [CLOSED_BY_PROGRAM]]
  return ending ? [{ kind: ending.kind }, []] : [{ kind: 'timeout' }, [ENDS_WITHOUT_REASON]]
}

/** The commands without an answer. */
function waiting(
  { expected }: Replay,
  answered: readonly Answered[],
  failure: MailError | undefined,
): readonly Pick<Answered, 'replyAt' | 'commandAt'>[] {
  const oldest = expected.find(({ verb }) => verb !== 'QUIT')
  if (oldest) return [{ replyAt: [], commandAt: lineOf(oldest) }]
  return answered.filter(({ stage }) => stage === failure?.stage).slice(-1)
}

function linesOf(answers: readonly Pick<Answered, 'replyAt' | 'commandAt'>[], ...more: number[]): number[] {
  const all = answers.flatMap(({ replyAt, commandAt }) => [
    ...(commandAt === undefined ? [] : [commandAt]),
    ...replyAt,
  ])
  return [...new Set([...all, ...more])].toSorted((one, other) => one - other)
}
