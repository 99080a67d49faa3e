import { isFarewell, isNegative, isPositive, tokenProblem } from '@loudmail/core/transport'
import type { ConnectionState } from './connection-state.ts'
import type { Expected } from './expected.ts'
import type { Answered, Transaction } from './transaction.ts'

const ALREADY_IN = /already (?:been )?(?:auth|logged)/i

/** What an answer to a command means for the connection, or for the message that it is about. */
export function noteAnswer(
  state: ConnectionState,
  expected: Expected,
  answered: Answered,
  lines: readonly string[],
): void {
  const { verb, transaction, index = 0 } = expected
  const { answer } = answered
  const { code } = answer
  const exchange = transaction?.exchange
  switch (verb) {
    case '':
      state.surroundings.greeting = lines[0]
      return state.refuse(code !== 220, answered)
    case 'EHLO':
    case 'LHLO':
    case 'HELO':
      if (verb !== 'HELO') state.surroundings.hello = lines
      return state.refuse(code !== 250, answered)
    case 'STARTTLS':
      return state.refuse(code !== 220, answered)
    case 'AUTH':
      state.isChallenged = code === 334
      if (state.isChallenged) state.problem ??= tokenProblem(lines[0]!)
      if (code === 235) state.problem = undefined
      return state.refuse(
        code !== 235 && code !== 334 && !(code === 503 && ALREADY_IN.test(answer.text)),
        answered,
      )
    case 'MAIL':
    case 'RCPT':
      if (code >= 300 && code < 400) return invalid(state, expected, answered)
      if (isFarewell(code) && code !== 421) state.closing = answer
      else if (exchange && verb === 'MAIL') exchange.mail = answer
      else if (exchange) exchange.rcpt[index] = answer
      return
    case 'DATA':
      if (code !== 354 && code < 400) return invalid(state, expected, answered)
      return dataAnswered(state, transaction, answered)
    case 'content':
      return contentAnswered(expected, answered)
    case 'BDAT':
      if (exchange && isNegative(answer)) exchange.answerForAll(answer)
      return
    default:
      return
  }
}

function invalid(
  state: ConnectionState,
  { command, transaction, stage }: Expected,
  { answer }: Answered,
): void {
  const text = `the server answered ${command} with ${answer.code}, which is not a valid reply to it`
  state.breaks(transaction, { stage, text, reply: answer.reply })
}

function dataAnswered(
  state: ConnectionState,
  transaction: Transaction | undefined,
  { answer, commandAt }: Answered,
): void {
  if (!transaction) return
  const { exchange } = transaction
  exchange.data = answer
  if (answer.code !== 354) return
  const isNobody = exchange.accepted === 0 || isNegative(exchange.mail)
  const positions =
    isNobody || exchange.protocol === 'smtp'
      ? [isNobody ? -1 : 0]
      : [...exchange.rcpt.keys()].filter((index) => isPositive(exchange.rcpt[index]))
  for (const index of positions)
    state.expected.push({ stage: 'body', verb: 'content', command: '', commandAt, transaction, index })
}

function contentAnswered({ transaction, index = 0 }: Expected, { answer }: Answered): void {
  const exchange = transaction?.exchange
  if (!exchange || index < 0) return
  if (exchange.isWritten) return exchange.answerContent(answer, index)
  if (answer.code >= 400) return exchange.answerForAll(answer)
  const text = 'the server accepted the content before it had all of it'
  exchange.breach ??= { stage: 'body', text, reply: answer.reply }
}
