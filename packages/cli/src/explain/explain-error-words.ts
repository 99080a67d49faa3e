import { MailError, type FailureCode, type Stage } from '@loudmail/core'
import { FAILURE_CODES } from '@loudmail/core/transport'
import type { ReplyContext } from './explain-reply.ts'
import type { Explanation } from './explanation.ts'
import { readReply } from './read-reply.ts'
import { endingIn } from './replay/ending-in.ts'

/** A longer text is no error message: only its last line counts, where a traceback has the error. */
const LONGEST = 2_000
/** `mail.example.com:587`, `[::1]:465` and `port: 587` are no replies. */
const PORTS = /(?<=[\w\]]):\d{1,5}\b|\bport\W{1,3}\d{1,5}\b/gi

/**
 * Explains the error of a system or of a TLS library, which is not from a mail server: `connect ECONNREFUSED …`,
 * `[Errno 111] Connection refused`, `self-signed certificate`. Undefined if the text has a reply in it, or no such error.
 */
export function explainErrorWords(text: string, { stage: asked }: ReplyContext): Explanation | undefined {
  const words = text.length > LONGEST ? text.trimEnd().slice(text.trimEnd().lastIndexOf('\n') + 1) : text
  if (words.length > LONGEST || readReply(words.replaceAll(PORTS, ''))?.isCertain) return undefined
  const ending = endingIn(words)
  // Whoever aborts knows it.
  if (!ending || ending.kind === 'aborted') return undefined
  const { kind } = ending
  const stage = [ending.stage, asked, ...USUAL].find((each) => isCode(each, kind))
  if (stage === undefined) return undefined
  const isGuessed = stage !== ending.stage && stage !== asked
  return {
    failure: new MailError({ stage, kind }),
    unsure: isGuessed
      ? [`The text does not say at which step it came: ${stage} is a guess. --stage sets it.`]
      : [],
    isGeneral: true,
  }
}

/** Where most connections end that never got an answer. */
const USUAL: readonly Stage[] = ['connect', 'greeting', 'tls']

function isCode(stage: Stage | undefined, kind: string): boolean {
  return FAILURE_CODES.includes(`${stage}/${kind}` as FailureCode)
}
