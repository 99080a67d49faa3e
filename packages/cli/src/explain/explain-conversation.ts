import { MailError } from '@loudmail/core'
import { redactLines, type Secrets } from '@loudmail/core/transport'
import type { Explanation } from './explanation.ts'
import { HIDDEN_CONTENT } from './formats/fold-content.ts'
import type { Line } from './formats/line.ts'
import type { Conversation } from './formats/read-conversation.ts'
import { hideLogIn } from './replay/hide-log-in.ts'
import { outcomesOf, type Outcome, type Wishes } from './replay/outcome-of-replay.ts'
import { Replay } from './replay/replay.ts'

/** Finds in a conversation what failed. Its secrets are remembered, so that nobody prints them. */
export function explainConversation(
  conversation: Conversation,
  { secrets, ...wishes }: Wishes & { readonly secrets: Secrets },
): Explanation {
  const lines = withoutSecrets(hideLogIn(conversation.lines, secrets), secrets)
  const replays = replaysOf(lines)
  const outcomes = replays.flatMap((replay) =>
    outcomesOf(replay, wishes).map((outcome) => ({
      ...outcome,
      startsAt: Math.max(outcome.startsAt, firstLine(lines, replay, replays)),
    })),
  )
  const { format } = conversation
  const decisive = decisiveOf(outcomes)
  const notes = notesOn(outcomes, decisive)
  const { failure, marked, unsure = [] } = decisive ?? {}
  if (failure) {
    const hidden = failure.delivered === 'unknown' && lines.some(({ text }) => text === HIDDEN_CONTENT)
    return { failure, marked, lines, format, notes, unsure: hidden ? [...unsure, CONTENT_IS_HIDDEN] : unsure }
  }
  return { ...success(outcomes), lines, format, notes, unsure }
}

const CONTENT_IS_HIDDEN =
  'The log does not show the content: this takes it that all of it was sent before the connection ended.'

/** A secret may be in several lines of a reply. */
function withoutSecrets(lines: readonly Line[], { redact }: Secrets): Line[] {
  const texts = redactLines(
    lines.map(({ text }) => text),
    redact,
  )
  return lines.map((line, index) => ({ ...line, text: texts[index]! }))
}

/** One for each connection, in the order in which they begin. */
function replaysOf(lines: readonly Line[]): Replay[] {
  const replays = new Map<string, Replay>()
  const names = lines.map(({ connection }) => connection).filter(Boolean)
  let last = names[0] ?? ''
  for (const [at, line] of lines.entries()) {
    // What a program says without naming a connection is about the last one.
    const name = line.connection || last
    last = name
    const replay = replays.get(name) ?? new Replay()
    replays.set(name, replay)
    replay.add(line, at)
  }
  for (const replay of replays.values()) replay.end()
  return [...replays.values()]
}

function firstLine(lines: readonly Line[], replay: Replay, replays: readonly Replay[]): number {
  const before = replays.slice(0, replays.indexOf(replay)).map(({ lastAt }) => lastAt)
  return Math.min(Math.max(0, ...before), lines.length)
}

/** The last failure that no later message made good; if there is none, the last that was accepted. */
function decisiveOf(outcomes: readonly Outcome[]): Outcome | undefined {
  return outcomes.findLast(
    (outcome, index) => outcome.failure && !isMadeGood(outcome, outcomes.slice(index + 1)),
  )
}

function isMadeGood({ to }: Outcome, later: readonly Outcome[]): boolean {
  return later.some((each) => each.accepted && to.every((address) => each.to.includes(address)))
}

function notesOn(outcomes: readonly Outcome[], decisive: Outcome | undefined): string[] {
  const accepted = outcomes.filter((outcome) => outcome.accepted).length
  const others = outcomes.filter((outcome) => outcome.failure && outcome !== decisive)
  const notes: string[] = []
  if (decisive && accepted > 0)
    notes.push(
      accepted === 1
        ? 'Another message of this log was accepted.'
        : `${accepted} other messages of this log were accepted.`,
    )
  for (const [code, count] of countsOf(others.map(({ failure }) => failure!)))
    notes.push(
      decisive
        ? `This log has another failure: ${code}${count > 1 ? `, ${count} times` : ''}.`
        : `An earlier attempt failed with ${code}; a later one succeeded.`,
    )
  return notes
}

function countsOf(failures: readonly MailError[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { code } of failures) counts.set(code, (counts.get(code) ?? 0) + 1)
  return counts
}

function success(outcomes: readonly Outcome[]): Pick<Explanation, 'summary' | 'reply'> {
  const last = outcomes.findLast((outcome) => outcome.accepted)
  if (last) {
    const count = last.to.length
    const summary = `Nothing failed: the server accepted the message for ${count === 1 ? last.to[0] : `${count} recipients`}. It is now the server that has to deliver it.`
    return { summary, reply: last.accepted!.reply }
  }
  const reached = outcomes.at(-1)?.reached
  return {
    summary: `Nothing was refused, and no message was sent: the conversation came to the stage ${reached ?? 'connect'}.`,
  }
}
