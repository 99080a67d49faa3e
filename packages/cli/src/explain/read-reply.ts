import type { Reply } from '@loudmail/core'
import { parseReply } from '@loudmail/core/transport'

/** A reply that was read from words, and what had to be assumed for that. */
export interface ReadReply {
  readonly reply: Reply
  readonly unsure: readonly string[]
  /** There was a code, so that it is a reply without doubt. */
  readonly isCertain: boolean
}

/** How programs put a reply into their messages: `535 5.7.8 …`, `(535, b'5.7.8 …')`. */
const PYTHON = /\(([2-5]\d\d), b?(['"])(.*?)\2/s
const REPLY_LINE = /(?:^|[\s:"'(>=])([2-5]\d\d(?:[ -](?=\S).*|$))/
const ENHANCED = /(?:^|[\s:#(])([245]\.\d{1,3}\.\d{1,3})(?=$|[\s,;:)])/

/** Reads the reply in a text: with codes, with an enhanced code alone, or only its words. */
export function readReply(text: string): ReadReply | undefined {
  const [, code, , words = ''] = PYTHON.exec(text) ?? []
  const lines = code === undefined ? replyLines(text) : words.split('\\n').map((line) => `${code} ${line}`)
  const reply = lines.length > 0 ? parseReply(lines) : undefined
  if (reply) return { reply, unsure: [], isCertain: true }
  const enhanced = ENHANCED.exec(text)?.[1]
  const said = text.trim()
  if (enhanced !== undefined) {
    const basic = enhanced.startsWith('2') ? 250 : enhanced.startsWith('4') ? 450 : 550
    const without = said.replace(enhanced, '').trim()
    return {
      reply: { protocol: 'smtp', code: basic, enhanced, text: without },
      unsure: [`There is no basic code beside ${enhanced}: this reads it as ${basic}.`],
      isCertain: true,
    }
  }
  if (said === '') return undefined
  return {
    reply: { protocol: 'smtp', code: 550, text: said },
    unsure: [
      'There is no code in these words: this reads them as a refusal for good (550). With the code, which a reply begins with, it is certain whether another attempt can help.',
    ],
    isCertain: false,
  }
}

function replyLines(text: string): string[] {
  const lines: string[] = []
  for (const line of text.split(/\r?\n|\\r\\n|\\n/)) {
    const found = (lines.length === 0 ? REPLY_LINE : /^\s*([2-5]\d\d(?:[ -].*|$))/).exec(line)?.[1]
    if (found !== undefined) lines.push(found.trimEnd())
    // Only the first reply.
    if (found !== undefined && found[3] !== '-') break
  }
  return lines
}
