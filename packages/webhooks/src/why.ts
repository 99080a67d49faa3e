import { MailError, type Kind, type Stage } from '@loudmail/core'
import { KINDS } from '@loudmail/core/transport'
import type { NewsFrom } from './mail-news.ts'
import { readReason } from './reason.ts'

/** What is known of why a message was not delivered, or was not welcome. */
export interface WhyInit {
  /** The recipient: `local-part@domain`. */
  readonly recipient: string
  /** Who says so. */
  readonly provider: NewsFrom
  /** What happened. `deferred`: the provider tries again by itself. @default 'bounced' */
  readonly type?: 'bounced' | 'deferred' | 'complained' | undefined
  /**
   * What the server of the recipient said, with whatever the provider wrote around it: `smtp; 550 5.1.1 User unknown`. If
   * the text has no reply, it becomes part of the summary.
   */
  readonly reply?: string | undefined
  /** The enhanced status code (RFC 3463), if it is told apart from the reply. */
  readonly enhanced?: string | undefined
  /** What the provider's own word for it means. The reply decides, unless it says less. */
  readonly kind?: Kind | undefined
  /** The stage, if the provider says so. @default follows from the reply and the kind */
  readonly stage?: Stage | undefined
  /** Whether another message to this recipient may arrive. @default that of the reply, otherwise of the kind */
  readonly permanence?: 'permanent' | 'transient' | undefined
  /** What happened. @default the text of the kind, and the reply if there is one */
  readonly summary?: string | undefined
  /** What to do about it. @default follows from the rest */
  readonly hint?: string | undefined
  /** The Message-ID with its angle brackets, if it is known. */
  readonly messageId?: string | undefined
}

/** Why a message bounced, was deferred or was complained about, as a send of one's own would have failed. */
export function whyOf(init: WhyInit): MailError {
  const { recipient: address, type = 'bounced' } = init
  if (type === 'complained') return complaint(init)
  const { reply, stage, kind, scope, ...read } = readReason(init)
  const permanence = type === 'deferred' ? 'transient' : (init.permanence ?? read.permanence)
  return new MailError({
    stage,
    kind,
    scope,
    reply,
    permanence,
    summary: init.summary ?? (reply ? undefined : words(init.reply, kind)),
    hint: hintOf(init, kind),
    // The provider still has the message and tries again: to send it once more could deliver it twice.
    replayable: type !== 'deferred',
    recipients: [{ address, status: 'rejected', kind, scope, permanence, reply }],
    transport: init.provider,
    messageId: init.messageId,
  })
}

/** The recipient has the message, and says that it is spam. */
function complaint({ recipient: address, provider, messageId, ...init }: WhyInit): MailError {
  return new MailError({
    stage: 'body',
    kind: 'spam',
    scope: 'recipient',
    permanence: 'permanent',
    summary: init.summary ?? 'the recipient reported the message as spam',
    hint: init.hint ?? 'Send nothing more to this address, unless its owner asks for it.',
    recipients: [{ address, status: 'accepted' }],
    transport: provider,
    messageId,
  })
}

/** Kinds of a connection that is the provider's: the usual hints are for the one who made it. */
function isOfConnection(kind: Kind): boolean {
  return KINDS[kind].scope === 'transport' && kind !== 'policy' && kind !== 'rate-limited'
}

function hintOf({ type, hint }: WhyInit, kind: Kind): string | undefined {
  if (hint !== undefined) return hint
  if (type === 'deferred')
    return 'The message is not lost: it will be tried again without you. Send it again only after you hear that it bounced.'
  if (isOfConnection(kind))
    return "This happened between the provider and the recipient's server. Try again later. If it keeps happening, ask the provider."
  return undefined
}

function words(text: string | undefined, kind: Kind): string | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const { summary } = new MailError({ stage: 'rcpt-to', kind })
  return `${summary}: ${text.trim().slice(0, 300)}`
}
