import { curlVerbose } from './curl-verbose.ts'
import { foldContent } from './fold-content.ts'
import type { Format, Line } from './line.ts'
import { loudmailTranscript } from './loudmail-transcript.ts'
import { nodemailerJson } from './nodemailer-json.ts'
import { nodemailerLog } from './nodemailer-log.ts'
import { phpmailerDebug } from './phpmailer-debug.ts'
import { rawSession } from './raw-session.ts'
import { smtplibDebug } from './smtplib-debug.ts'
import { swaksOutput } from './swaks-output.ts'

/** A conversation that was read from a log. */
export interface Conversation {
  /** What the log is, in words. */
  readonly format: string
  readonly lines: readonly Line[]
}

/** The first that matches is taken: those whose marks nothing else has come first. */
const FORMATS: readonly Format[] = [
  loudmailTranscript,
  smtplibDebug,
  nodemailerJson,
  nodemailerLog,
  phpmailerDebug,
  swaksOutput,
  curlVerbose,
  rawSession,
]

/** Reads the conversation of a log; undefined if there is none in it. */
export function readConversation(text: string): Conversation | undefined {
  const format = FORMATS.find(({ matches }) => matches(text))
  return format && { format: format.name, lines: foldContent(format.read(text), format.hidesContent) }
}
