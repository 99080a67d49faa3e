import type { Kind, MailError, Reply, Stage } from '@loudmail/core'
import { diagnoseReply, FAILURE_CODES } from '@loudmail/core/transport'
import { remoteReply } from './remote-reply.ts'

/** What somebody says about a bounce. */
interface Clues {
  readonly reply?: string | undefined
  readonly enhanced?: string | undefined
  readonly kind?: Kind | undefined
  readonly stage?: Stage | undefined
}

/** What a bounce is because of. */
export interface Reason extends Pick<MailError, 'stage' | 'kind'> {
  readonly scope?: MailError['scope'] | undefined
  readonly permanence?: 'permanent' | 'transient' | undefined
  readonly reply?: Reply | undefined
}

/** Replies that say that something is refused, and not why: what the provider makes of it says more. */
const VAGUE: readonly Kind[] = ['rejected', 'policy', 'protocol', 'server-error', 'service-unavailable']

/** Providers say so of every bounce that is for good. It must not make a policy the fault of an address. */
const OF_ADDRESS: readonly Kind[] = ['mailbox-unknown', 'mailbox-disabled', 'domain-unknown']

function saysMore(kind: Kind | undefined, diagnosed: Kind): boolean {
  if (kind === undefined) return false
  return OF_ADDRESS.includes(kind) ? diagnosed === 'rejected' : VAGUE.includes(diagnosed)
}

/** What is known of a bounce, as a stage and a kind: by the reply, unless the provider's own word says more. */
export function readReason(init: Clues): Reason {
  const found = init.reply === undefined ? {} : remoteReply(init.reply)
  const reply = withEnhanced(found.reply, init.enhanced)
  const said = init.stage ?? found.stage
  const read = reply ?? unwrittenReply(init)
  // A provider that does not send to an address may repeat what a server once said of it.
  const diagnosed = init.kind === 'suppressed' ? undefined : read && diagnose(read, said)
  if (diagnosed && !saysMore(init.kind, diagnosed.kind)) return { ...diagnosed, reply }
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
function unwrittenReply({ enhanced, reply: text = '' }: Clues): Reply | undefined {
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

function diagnose(reply: Reply, said: Stage | undefined): Reason {
  const at = (stage: Stage): Reason => ({ stage, ...diagnoseReply(stage, reply) })
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
