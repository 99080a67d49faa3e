import { stageOfCommand } from './stage-of-command.ts'
import type { TranscriptEntry } from '../failure/transcript.ts'
import type { Stage } from '../failure/vocabulary.ts'

/** A command, or what happened to the connection, with its answer. */
export interface ConversationStep {
  /** The stage of a send; undefined for commands that belong to none, such as NOOP. */
  readonly stage: Stage | undefined
  /** The verb of the command, in capitals; `content`, `greeting`, `connected` or `encrypted`. */
  readonly verb: string
  /** The line as it is recorded; empty for the greeting. */
  readonly command: string
  /** The connection, as its lines name it. */
  readonly connection: string
  /** When it began, in ms since the connection was started. */
  readonly askedAtMs: number
  /** When its last line came; the same time if none came. */
  answeredAtMs: number
  /** The reply. */
  readonly lines: string[]
}

/** Finds the steps of a recorded conversation, each with its reply, also where commands are sent before earlier replies. */
export function conversationSteps(entries: readonly TranscriptEntry[]): ConversationStep[] {
  const steps: ConversationStep[] = []
  const waiting: ConversationStep[] = []
  let before: TranscriptEntry | undefined
  const begin = (
    { connection, atMs: now }: TranscriptEntry,
    stage: Stage | undefined,
    verb: string,
    command: string,
    askedAtMs = now,
  ): ConversationStep => ({ stage, verb, command, connection, askedAtMs, answeredAtMs: now, lines: [] })
  for (const entry of entries) {
    if (entry.from === 'event') {
      const [, what] = /^(connected|encrypted|TLS established)\b/.exec(entry.text) ?? []
      // Such an event ends what began with the line before.
      const since = before?.connection === entry.connection ? before.atMs : 0
      if (what === 'connected') {
        waiting.length = 0
        steps.push(begin(entry, 'connect', 'connected', `-- ${entry.text}`, since))
      } else if (what !== undefined) steps.push(begin(entry, 'tls', 'encrypted', `-- ${entry.text}`, since))
      // The server speaks first.
      if (what === 'connected') waiting.push(begin(entry, 'greeting', 'greeting', ''))
      else if (what !== undefined && waiting[0]?.verb === 'greeting')
        waiting[0] = begin(entry, 'greeting', 'greeting', '')
    } else if (entry.from === 'client') {
      const verb = verbOf(entry.text)
      const last = steps.at(-1)
      if (verb === undefined && last?.verb === 'AUTH') {
        // The answers of a log-in belong to its AUTH command.
        last.lines.length = 0
        waiting.push(last)
      } else if (verb !== undefined && !(verb === 'content' && isContinued(last, entry))) {
        const stage = verb === 'content' ? 'body' : stageOfCommand(verb)
        // Over HTTP, nobody greets.
        if (stage === 'submit') waiting.length = 0
        const step = begin(entry, stage, verb, entry.text)
        steps.push(step)
        waiting.push(step)
      }
    } else {
      const current = waiting[0]
      if (current) {
        if (current.verb === 'greeting' && current.lines.length === 0) steps.push(current)
        current.lines.push(entry.text)
        current.answeredAtMs = entry.atMs
        if (!/^\d{3}-/.test(entry.text)) waiting.shift()
      }
    }
    before = entry
  }
  const [unanswered] = waiting
  if (unanswered?.verb === 'greeting' && unanswered.lines.length === 0) steps.push(unanswered)
  return steps
}

/** The dot after the content, and the content after BDAT or after a request of HTTP, have no reply of their own. */
function isContinued(last: ConversationStep | undefined, { connection }: TranscriptEntry): boolean {
  return (
    (last?.stage === 'body' || last?.stage === 'submit') &&
    last.connection === connection &&
    last.lines.length === 0
  )
}

/** Undefined for a line that is no command, such as the answer to a challenge. */
function verbOf(text: string): string | undefined {
  if (/^(?:<\d+ octets>|\.$)/.test(text)) return 'content'
  const [verb] = /^[a-z]+/i.exec(text) ?? []
  const name = verb?.toUpperCase()
  return name !== undefined && (stageOfCommand(name) || OTHERS.includes(name)) ? name : undefined
}

const OTHERS = ['RSET', 'NOOP', 'QUIT', 'VRFY', 'HELP']
