import type { MailError } from '@loudmail/core'
import type { Secrets } from '@loudmail/core/transport'
import { explainConversation } from './explain-conversation.ts'
import { explainErrorWords } from './explain-error-words.ts'
import { explainReply, type ReplyContext } from './explain-reply.ts'
import type { Explanation } from './explanation.ts'
import { failureFromJson } from './failure-from-json.ts'
import { failureInText } from './failure-in-text.ts'
import { isObject, parseJson } from './formats/json-lines.ts'
import type { Line } from './formats/line.ts'
import { readConversation, type Conversation } from './formats/read-conversation.ts'

/** Explains a text that somebody pasted: a log, the JSON of Loudmail, a printed error or a reply. Undefined if it is none of them. */
export function explainText(text: string, context: ReplyContext, secrets: Secrets): Explanation | undefined {
  const json = parseJson(text)
  const known = json === undefined ? failureInText(text, context.host) : failureFromJson(errorIn(json))
  const conversation = json === undefined ? readConversation(text) : conversationIn(json)
  if (!conversation && known) return { failure: known, unsure: [] }
  if (!conversation) return explainErrorWords(text, context) ?? explainReply(text, context)
  const mayGuess = conversation.format.includes('Loudmail')
  const found = explainConversation(conversation, { host: context.host, mayGuess, secrets })
  return known ? asKnown(found, known) : found
}

/** The error itself knows more than its conversation shows. */
function asKnown(found: Explanation, known: MailError): Explanation {
  const isSame = found.failure?.code === known.code && known.recipients.length === 0
  return isSame ? { ...found, unsure: [] } : { ...found, failure: known, summary: undefined, unsure: [] }
}

/** A MailError, or what has one: a receipt, a mail, or a line that `logTo()` wrote. */
function errorIn(json: unknown): unknown {
  if (!isObject(json)) return json
  return [json['error'], json['err']].find(isObject) ?? json
}

function conversationIn(json: unknown): Conversation | undefined {
  const transcript = isObject(json) && json['transcript'] !== undefined ? json['transcript'] : json
  const entries = isObject(transcript) ? transcript['entries'] : transcript
  const lines = Array.isArray(entries) ? entries.flatMap(lineOf) : []
  return lines.length > 0 ? { format: 'a transcript of Loudmail, as JSON', lines } : undefined
}

function lineOf(value: unknown): Line[] {
  if (!isObject(value) || typeof value['text'] !== 'string') return []
  const { from, text, atMs, connection } = value
  if (from !== 'client' && from !== 'server' && from !== 'event') return []
  const time = typeof atMs === 'number' ? { atMs } : {}
  return [{ from, text, ...time, connection: typeof connection === 'string' ? connection : '' }]
}
