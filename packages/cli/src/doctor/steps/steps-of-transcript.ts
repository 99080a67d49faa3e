import type { Reply, Transcript } from '@loudmail/core'
import { conversationSteps, parseReply, type ConversationStep } from '@loudmail/core/transport'
import type { Step } from '../report.ts'
import { describeOffer } from './describe-offer.ts'

/** The steps of a recorded conversation, each with its reply. One that was refused is a warning. */
export function stepsOfTranscript({ entries }: Transcript): Step[] {
  const steps: Step[] = []
  for (const each of conversationSteps(entries)) {
    const { verb, command, lines, askedAtMs, answeredAtMs } = each
    if (verb === 'QUIT' || (verb === 'greeting' && lines.length === 0)) continue
    const reply = lines.length > 0 ? parseReply(lines) : undefined
    const isRefused = reply !== undefined && reply.code >= 400
    const isAnswered = reply !== undefined || command.startsWith('-- ')
    steps.push({
      // What is none of the steps of a send keeps the connection ready for the next message.
      stage: each.stage ?? 'mail-from',
      name: NAMES[verb] ?? verb,
      verdict: isRefused || !isAnswered ? 'warn' : 'pass',
      durationMs: Math.max(0, answeredAtMs - askedAtMs),
      detail: detailOf(each, reply),
      reply: reply && { ...reply, command: command || 'connection' },
    })
  }
  return steps
}

function detailOf({ stage, command, lines }: ConversationStep, reply: Reply | undefined): string {
  if (command.startsWith('-- ')) return command.slice(3)
  if (!reply) return lines.length > 0 ? 'The answer is not an SMTP reply.' : 'No answer was recorded.'
  if (stage === 'ehlo' && reply.code === 250) return describeOffer(reply)
  if (reply.code >= 400) return `The server refused ${command || 'the connection'}.`
  return command === '' ? reply.text.split('\n')[0]! : `The server accepted ${command}.`
}

const NAMES: Readonly<Record<string, string>> = {
  connected: 'connection',
  encrypted: 'TLS',
  greeting: 'greeting',
  HELO: 'EHLO',
  LHLO: 'EHLO',
  AUTH: 'log-in',
  MAIL: 'MAIL FROM',
  RCPT: 'RCPT TO',
  BDAT: 'content',
}
