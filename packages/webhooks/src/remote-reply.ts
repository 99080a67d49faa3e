import type { Reply, Stage } from '@loudmail/core'
import { parseReply } from '@loudmail/core/transport'

/** What somebody repeats of a conversation with a mail server. */
export interface RemoteReply {
  /** The reply; undefined if the text has none. */
  readonly reply?: Reply | undefined
  /** The stage of the command that it answers, if the text says so. */
  readonly stage?: Stage | undefined
}

/** This much of a text is read and kept, in characters. */
const MOST_TEXT = 2_000

/** `550`, `550-5.1.1` and the like: at the start, after what mail servers put before it, or with an enhanced code. */
const AT_START = /^["'<([\s]*(?=[45]\d\d(?:[\s-]|$))/
const AFTER_WORDS =
  /(?:\bsaid:|\bsays?:|\bsmtp;|\b(?:response|reply|error|answer)(?: was)?:|>:|\bafter [^:<]{1,40}:)\s*["'<(]?(?=[45]\d\d(?:[\s-]|$))/i
const WITH_ENHANCED = /(?<![\w.])(?=([45])\d\d[\s-]+#?\1\.\d{1,3}\.\d{1,3}\b)/

/**
 * Finds the reply of a mail server in a text, as bounces and providers repeat it: alone, after `smtp;` (RFC 3464 section
 * 2.3.6), after `host mx.example.com said:`, or with its lines joined by blanks.
 */
export function remoteReply(words: string): RemoteReply {
  const text = words.slice(0, MOST_TEXT)
  const stage = stageSaid(text)
  const start = AT_START.exec(text) ?? AFTER_WORDS.exec(text) ?? WITH_ENHANCED.exec(text)
  if (!start) return { stage }
  return { reply: parseReply(linesOf(text.slice(start.index + start[0].length))), stage }
}

/** The lines of a reply, each with its code, however they were written. */
function linesOf(text: string): string[] {
  const code = text.slice(0, 3)
  const isOfSeveral = text[3] === '-'
  const lines: string[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    const bare = line.trim()
    if (bare === '') continue
    // `550-5.1.1 The account 550-5.1.1 does not exist. 550 5.1.1 Good bye`
    const parts = isOfSeveral ? bare.split(new RegExp(`\\s+(?=${code}[ -])`)) : [bare]
    for (const part of parts)
      lines.push(
        part.startsWith(code) && /^(?:[\s-]|$)/.test(part.slice(3)) ? plain(part) : `${code} ${part}`,
      )
  }
  return lines
}

/** `550 #5.1.0 Address rejected`: some servers mark the enhanced code. */
function plain(line: string): string {
  return line.replace(/^(\d{3})[\s-]+#?/, '$1 ')
}

/** Postfix: `(in reply to end of DATA command)`. Exim: `after RCPT TO:<ann@example.com>:`. */
const COMMAND =
  /\b(?:in reply to|after|in response to)(?: an?| the)? (?:pipelined |SMTP )?["'(]?(initial connection|end of (?:DATA|BDAT|data)|EHLO|HELO|STARTTLS|AUTH|MAIL FROM|RCPT TO|MAIL|RCPT|DATA|BDAT)\b/i

function stageSaid(text: string): Stage | undefined {
  const said = COMMAND.exec(text)?.[1]?.toUpperCase()
  if (said === undefined) return undefined
  if (said.startsWith('END OF') || said === 'BDAT') return 'body'
  if (said.startsWith('INITIAL')) return 'greeting'
  if (said.startsWith('MAIL')) return 'mail-from'
  if (said.startsWith('RCPT')) return 'rcpt-to'
  if (said === 'HELO' || said === 'EHLO') return 'ehlo'
  if (said === 'STARTTLS') return 'tls'
  return said === 'AUTH' ? 'auth' : 'data'
}
