import type { Reply, Stage, Transcript, TranscriptEntry } from '@loudmail/core'
import { parseReply } from '@loudmail/core/transport'
import type { Step } from '../report.ts'
import { describeOffer } from './describe-offer.ts'

/** A command, or what happened to the connection, with its answer. */
interface Exchange {
  readonly stage: Stage
  readonly name: string
  readonly command: string
  readonly askedAtMs: number
  answeredAtMs: number
  readonly lines: string[]
}

/** The steps of a recorded conversation, each with its reply. One that was refused is a warning. */
export function stepsOfTranscript({ entries }: Transcript): Step[] {
  const steps: Step[] = []
  for (const each of exchangesOf(entries)) {
    const { stage, name, command, lines, askedAtMs, answeredAtMs } = each
    const reply = lines.length > 0 ? parseReply(lines) : undefined
    const isRefused = reply !== undefined && reply.code >= 400
    const isAnswered = reply !== undefined || command.startsWith('-- ')
    steps.push({
      stage,
      name,
      verdict: isRefused || !isAnswered ? 'warn' : 'pass',
      durationMs: Math.max(0, answeredAtMs - askedAtMs),
      detail: detailOf(each, reply),
      reply: reply && { ...reply, command: command || 'connection' },
    })
  }
  return steps
}

function detailOf({ stage, command, lines }: Exchange, reply: Reply | undefined): string {
  if (command.startsWith('-- ')) return command.slice(3)
  if (!reply) return lines.length > 0 ? 'The answer is not an SMTP reply.' : 'No answer was recorded.'
  if (stage === 'ehlo' && reply.code === 250) return describeOffer(reply)
  if (reply.code >= 400) return `The server refused ${command || 'the connection'}.`
  return command === '' ? reply.text.split('\n')[0]! : `The server accepted ${command}.`
}

function exchangesOf(entries: readonly TranscriptEntry[]): Exchange[] {
  const all: Exchange[] = []
  const waiting: Exchange[] = []
  const begin = (entry: TranscriptEntry, stage: Stage, name: string, command: string): Exchange => {
    const exchange = { stage, name, command, askedAtMs: entry.atMs, answeredAtMs: entry.atMs, lines: [] }
    all.push(exchange)
    return exchange
  }
  for (const entry of entries) {
    if (entry.from === 'event') {
      const [, what] = /^(connected|encrypted|TLS established)\b/.exec(entry.text) ?? []
      if (what === 'connected') {
        waiting.length = 0
        begin(entry, 'connect', 'connection', `-- ${entry.text}`)
        // The server speaks first.
        const greeting = { ...GREETING, askedAtMs: entry.atMs, answeredAtMs: entry.atMs, lines: [] }
        waiting.push(greeting)
      } else if (what !== undefined) begin(entry, 'tls', 'TLS', `-- ${entry.text}`)
    } else if (entry.from === 'client') {
      const kind = kindOf(entry.text)
      // The answers of a log-in belong to its AUTH command.
      const last = all.at(-1)
      if (kind === 'more' && last?.stage === 'auth') {
        last.lines.length = 0
        waiting.push(last)
      } else if (kind !== 'more') waiting.push(begin(entry, ...kind, entry.text))
    } else {
      const current = waiting[0]
      if (!current) continue
      if (current.name === 'greeting' && current.lines.length === 0) all.push(current)
      current.lines.push(entry.text)
      current.answeredAtMs = entry.atMs
      if (!/^\d{3}-/.test(entry.text)) waiting.shift()
    }
  }
  return all.filter(({ name }) => name !== 'QUIT')
}

const GREETING = { stage: 'greeting', name: 'greeting', command: '' } as const

const KINDS: readonly (readonly [RegExp, Stage, string])[] = [
  [/^(?:EHLO|HELO|LHLO)\b/i, 'ehlo', 'EHLO'],
  [/^STARTTLS\b/i, 'tls', 'STARTTLS'],
  [/^AUTH\b/i, 'auth', 'log-in'],
  [/^MAIL\b/i, 'mail-from', 'MAIL FROM'],
  [/^RCPT\b/i, 'rcpt-to', 'RCPT TO'],
  [/^RSET\b/i, 'mail-from', 'RSET'],
  [/^NOOP\b/i, 'mail-from', 'NOOP'],
  [/^QUIT\b/i, 'mail-from', 'QUIT'],
  [/^DATA\b/i, 'data', 'DATA'],
  [/^(?:BDAT\b|<\d+ octets>|\.$)/i, 'body', 'content'],
]

function kindOf(text: string): readonly [Stage, string] | 'more' {
  const found = KINDS.find(([pattern]) => pattern.test(text))
  return found ? [found[1], found[2]] : 'more'
}
