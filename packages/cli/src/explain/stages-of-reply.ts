import type { Kind, Reply, Stage } from '@loudmail/core'
import { diagnoseReply, STAGE_NOTES } from '@loudmail/core/transport'

/** The stages in which a server replies. */
const REPLY_STAGES: readonly Stage[] = [
  'greeting',
  'ehlo',
  'tls',
  'auth',
  'mail-from',
  'rcpt-to',
  'data',
  'body',
]

/** Where a server usually says so. Kinds that say nothing about the stage are left out. */
const HOME: Partial<Record<Kind, readonly Stage[]>> = {
  'app-password-required': ['auth'],
  'web-login-required': ['auth'],
  'oauth-token': ['auth'],
  'auth-temporary': ['auth'],
  'auth-mechanism': ['auth'],
  'bad-credentials': ['auth'],
  'auth-required': ['mail-from', 'rcpt-to'],
  'tls-required': ['mail-from', 'auth'],
  greylisted: ['rcpt-to'],
  suppressed: ['rcpt-to'],
  'mailbox-unknown': ['rcpt-to'],
  'domain-unknown': ['rcpt-to'],
  'mailbox-full': ['rcpt-to', 'body'],
  'mailbox-disabled': ['rcpt-to'],
  'relay-denied': ['rcpt-to'],
  'too-many-recipients': ['rcpt-to'],
  'sender-rejected': ['mail-from'],
  'sender-not-owned': ['mail-from', 'body'],
  'smtputf8-required': ['mail-from', 'rcpt-to'],
  'message-too-large': ['mail-from', 'body'],
  spam: ['body'],
  'authentication-policy': ['body'],
  'content-rejected': ['body'],
}

/** The stages in which a reply may have come, the most likely first, and whether its text shows that. */
export function stagesOfReply(reply: Reply): {
  readonly stages: readonly Stage[]
  readonly isGuessed: boolean
} {
  const { code, text } = reply
  if (code === 334 || code === 235 || isOfLogIn(code, text)) return guessed(['auth'])
  if (code === 220) return guessed(/tls/i.test(text) ? ['tls'] : ['greeting'])
  if (code === 354) return guessed(['data'])
  if (code === 454 && /tls/i.test(text)) return guessed(['tls'])
  const likely = REPLY_STAGES.filter((stage) => isLikely(stage, reply))
  return likely.length > 0 ? guessed(likely) : { stages: MOST_OFTEN, isGuessed: false }
}

function isLikely(stage: Stage, reply: Reply): boolean {
  const { kind } = diagnoseReply(stage, reply)
  if (!HOME[kind]?.includes(stage)) return false
  if (stage === 'auth') return LOG_IN.test(reply.text)
  // At MAIL, almost every refusal is about the sender. Only one that says so elsewhere, too, is.
  return kind !== 'sender-rejected' || diagnoseReply('rcpt-to', reply).kind === kind
}

const LOG_IN = /auth|log ?-?in|password|credential|token/i

/** Where most refusals come that do not say what they are about. */
const MOST_OFTEN: readonly Stage[] = [
  'rcpt-to',
  'mail-from',
  'body',
  'data',
  'auth',
  'ehlo',
  'greeting',
  'tls',
]

function guessed(stages: readonly Stage[]): { stages: readonly Stage[]; isGuessed: true } {
  return { stages, isGuessed: true }
}

function isOfLogIn(code: number, text: string): boolean {
  if (code === 534 || code === 535 || code === 432 || code === 538) return true
  return code === 454 && LOG_IN.test(text)
}

/** A stage with what happens there, for sentences. */
export function stageInWords(stage: Stage): string {
  return `${stage} (${STAGE_NOTES[stage]})`
}
