import {
  MailError,
  STAGES,
  type Kind,
  type RecipientOutcome,
  type Reply,
  type SourceLocation,
  type Stage,
} from '@loudmail/core'
import { KINDS } from '@loudmail/core/transport'
import { isObject } from './formats/json-lines.ts'

/** The failure that the JSON of a `MailError` stands for; undefined if the value is not one. */
export function failureFromJson(value: unknown): MailError | undefined {
  if (!isObject(value)) return undefined
  const { stage, kind, message, summary, transport, messageId, hint } = value
  if (!STAGES.includes(stage as Stage) || typeof kind !== 'string' || !Object.hasOwn(KINDS, kind))
    return undefined
  const said =
    textOf(summary) ??
    textOf(message)
      ?.replace(`${String(stage)}/${kind}: `, '')
      .replace(` [${String(transport)}]`, '')
  return new MailError({
    stage: stage as Stage,
    kind: kind as Kind,
    summary: said,
    scope: oneOf(value['scope'], ['transport', 'sender', 'recipient', 'message']),
    permanence: oneOf(value['permanence'], ['permanent', 'transient', 'unknown']),
    delivered: oneOf(value['delivered'], ['none', 'some', 'unknown']),
    reply: replyOf(value['reply']),
    recipients: listOf(value['recipients']).flatMap(recipientOf),
    hint: textOf(hint),
    location: locationOf(value['location']),
    transport: textOf(transport),
    messageId: textOf(messageId),
  })
}

function recipientOf(value: unknown): RecipientOutcome[] {
  if (!isObject(value) || typeof value['address'] !== 'string') return []
  const { address, kind } = value
  const status = oneOf(value['status'], ['accepted', 'rejected', 'not-attempted', 'unknown'])
  if (status === undefined) return []
  const permanence = oneOf(value['permanence'], ['permanent', 'transient', 'unknown'])
  const known = typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? (kind as Kind) : undefined
  return [{ address, status, permanence, kind: known, reply: replyOf(value['reply']) }]
}

function replyOf(value: unknown): Reply | undefined {
  if (!isObject(value) || typeof value['code'] !== 'number' || typeof value['text'] !== 'string')
    return undefined
  return {
    protocol: oneOf(value['protocol'], ['smtp', 'lmtp', 'http']) ?? 'smtp',
    code: value['code'],
    enhanced: textOf(value['enhanced']),
    text: value['text'],
    command: textOf(value['command']),
  }
}

function locationOf(value: unknown): SourceLocation | undefined {
  if (!isObject(value) || typeof value['file'] !== 'string') return undefined
  const [line, column] = [value['line'], value['column']].map((each) =>
    typeof each === 'number' ? each : undefined,
  )
  return { file: value['file'], line, column, excerpt: textOf(value['excerpt']) }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function oneOf<Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  return words.find((word) => word === value)
}
