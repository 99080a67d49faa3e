import { MailError, type Kind, type Reply, type Stage } from '@loudmail/core'
import { diagnoseReply, FAILURE_CODES, KINDS } from '@loudmail/core/transport'
import type { NewsFrom } from './mail-news.ts'
import { remoteReply } from './remote-reply.ts'

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
  const { reply, stage, kind, scope, ...read } = readWhy(init)
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

interface Read extends Pick<MailError, 'stage' | 'kind'> {
  readonly scope?: MailError['scope'] | undefined
  readonly permanence?: 'permanent' | 'transient' | undefined
  readonly reply?: Reply | undefined
}

/** Replies that say that something is refused, and not why: what the provider makes of it says more. */
const VAGUE: readonly Kind[] = ['rejected', 'policy', 'protocol', 'server-error', 'service-unavailable']

function readWhy(init: WhyInit): Read {
  const found = init.reply === undefined ? {} : remoteReply(init.reply)
  const reply = withEnhanced(found.reply, init.enhanced)
  const said = init.stage ?? found.stage
  const read = reply ?? unwrittenReply(init)
  // A provider that does not send to an address may repeat what a server once said of it.
  const diagnosed = init.kind === 'suppressed' ? undefined : read && diagnose(read, said)
  if (diagnosed && (init.kind === undefined || !VAGUE.includes(diagnosed.kind)))
    return { ...diagnosed, reply }
  const kind = init.kind ?? 'rejected'
  if (diagnosed?.kind === kind) return { ...diagnosed, reply }
  const scope = kind === 'rejected' ? 'recipient' : undefined
  // With a reply, its basic code decides.
  const permanence = reply ? undefined : diagnosed?.permanence
  return { stage: stageOf(kind, said), kind, scope, permanence, reply }
}

function withEnhanced(reply: Reply | undefined, enhanced: string | undefined): Reply | undefined {
  if (!reply || reply.enhanced !== undefined || !isEnhanced(enhanced)) return reply
  return enhanced[0] === String(reply.code)[0] ? { ...reply, enhanced } : reply
}

/** An enhanced code without the reply that it was part of still says what happened. */
function unwrittenReply({ enhanced, reply: text = '' }: WhyInit): Reply | undefined {
  const own = isEnhanced(enhanced)
    ? enhanced
    : /(?:^|[\s(#])([45]\.\d{1,3}\.\d{1,3})(?=[\s):;]|$)/.exec(text.slice(0, 2_000))?.[1]
  if (own === undefined) return undefined
  return { protocol: 'smtp', code: own[0] === '4' ? 450 : 550, enhanced: own, text }
}

function isEnhanced(value: string | undefined): value is string {
  return value !== undefined && /^[45]\.\d{1,3}\.\d{1,3}$/.test(value)
}

/** Reasons of content. A server may give them for RCPT TO too, but mostly it has read the message. */
const CONTENT: readonly Kind[] = ['message-too-large', 'spam', 'authentication-policy', 'content-rejected']

function diagnose(reply: Reply, said: Stage | undefined): Read {
  const at = (stage: Stage): Read => ({ stage, ...diagnoseReply(stage, reply) })
  if (said) return at(said)
  const address = at('rcpt-to')
  const content = at('body')
  const isContent =
    CONTENT.includes(address.kind) || (VAGUE.includes(address.kind) && CONTENT.includes(content.kind))
  return isContent && CONTENT.includes(content.kind) ? content : address
}

/** Where a kind belongs if no reply says so: the first of these at which it can occur. */
const USUAL: readonly Stage[] = ['rcpt-to', 'body', 'tls', 'submit']
const ON_THE_WAY: Partial<Record<Kind, Stage>> = {
  'host-not-found': 'dns',
  'dns-temporary': 'dns',
  'connection-refused': 'connect',
  unreachable: 'connect',
  timeout: 'connect',
  'connection-lost': 'connect',
}

function stageOf(kind: Kind, said: Stage | undefined): Stage {
  const can = (stage: Stage): boolean => (FAILURE_CODES as readonly string[]).includes(`${stage}/${kind}`)
  if (said && can(said)) return said
  if (CONTENT.includes(kind)) return 'body'
  return ON_THE_WAY[kind] ?? USUAL.find(can) ?? 'submit'
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
