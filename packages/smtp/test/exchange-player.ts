import { toMessage, Answer, Exchange, isPositive, outcomeOf, ReplyReader } from '@loudmail/core/transport'
import type { MailError } from '@loudmail/core'
import type { Loss, NotAReply, ReplyLines } from '@loudmail/core/transport'
import type { Scenario } from '@loudmail/corpus'
import { ScriptedReplies, type Asked } from './scripted-replies.ts'

/** The three ways in which the client asks: what of it goes out before it waits for replies. */
export const WAYS = ['one command at a time', 'pipelined with DATA', 'all at once with BDAT'] as const
export type Way = (typeof WAYS)[number]

const STAGES = { MAIL: 'mail-from', RCPT: 'rcpt-to', DATA: 'data', DOT: 'body' } as const
const CONTENT_OCTETS = 100

/** Plays what a scenario does from MAIL on, as data: octets into a ReplyReader, its replies into an Exchange. */
export function playExchange({ server, client }: Scenario, way: Way): Answer | MailError {
  const to = client.msg?.to ?? ['bob@rcpt.example']
  const message = toMessage({ from: 'alice@sender.example', to, text: 'Hello' })
  const stream = { written: 0 }
  const exchange = new Exchange(message, 'smtp', stream, way !== 'all at once with BDAT')
  const replies = new ScriptedReplies(server)
  const reader = new ReplyReader()
  const pending: Asked[] = []
  let loss: Loss | undefined

  const take = (reply: ReplyLines | NotAReply): void => {
    const { event, index } = pending.shift()!
    if (reply.code === undefined) {
      exchange.breach = { stage: STAGES[event], text: reply.lines[0]! }
      loss = { kind: 'protocol' }
      return
    }
    const answer = new Answer(reply, 'smtp', event)
    if (event === 'MAIL') exchange.mail = answer
    else if (event === 'RCPT') exchange.rcpt[index] = answer
    else if (event === 'DATA') exchange.data = answer
    else exchange.answerContent(answer, index)
  }

  for (const round of roundsOf(to, way)) {
    if (loss || !mayAsk(exchange, round[0]!)) break
    for (const asked of round) {
      pending.push(asked)
      if (asked.event === 'DOT') {
        exchange.endAt(CONTENT_OCTETS)
        stream.written = replies.breaksContent() ? CONTENT_OCTETS - 1 : CONTENT_OCTETS
      }
      replies.answer(asked)
    }
    for (const octets of replies.read()) reader.feed(octets, take)
    if (!replies.ended) continue
    reader.end(take)
    loss ??= { kind: replies.ended }
  }
  return outcomeOf(exchange, loss)
}

/** What is asked before the client waits for the replies, and then next. */
function roundsOf(to: readonly string[], way: Way): Asked[][] {
  const ask = (event: Asked['event']): Asked => ({ event, index: 0 })
  const recipients = to.map((recipient, index): Asked => ({ event: 'RCPT', index, recipient }))
  const envelope = [ask('MAIL'), ...recipients]
  switch (way) {
    case 'one command at a time':
      return [...envelope, ask('DATA'), ask('DOT')].map((asked) => [asked])
    case 'pipelined with DATA':
      return [[...envelope, ask('DATA')], [ask('DOT')]]
    default:
      return [[...envelope, ask('DOT')]]
  }
}

/** Whether the replies so far allow what comes next. */
function mayAsk({ mail, accepted, data, asksData }: Exchange, { event }: Asked): boolean {
  if (event === 'MAIL') return true
  if (event === 'RCPT') return isPositive(mail)
  if (event === 'DATA') return accepted > 0
  return !asksData || data?.code === 354
}
