/** The steps of a send, in the order they happen. */
export const STAGES = [
  'config',
  'compose',
  'queue',
  'dns',
  'connect',
  'tls',
  'greeting',
  'ehlo',
  'auth',
  'mail-from',
  'rcpt-to',
  'data',
  'body',
  'submit',
] as const

/**
 * The step of a send. `compose` is before any connection, `body` lasts from the first octet of content to the server's
 * final reply, `submit` hands a whole message to an HTTP API, a program or a store.
 */
export type Stage = (typeof STAGES)[number]

/** Whose fault a failure is. Another transport can help only if it is `transport`. */
export type Scope = 'transport' | 'sender' | 'recipient' | 'message'

/** `transient`: another attempt may succeed. `permanent`: somebody has to change something. `unknown`: it may have been delivered. */
export type Permanence = 'permanent' | 'transient' | 'unknown'

/** Who may have the message: `some` or `none` of the recipients, or `unknown` if that is unknown for at least one. */
export type Delivered = 'none' | 'some' | 'unknown'

/** The properties of a kind of failure. */
interface KindFacts {
  /** Whose fault it is, if the failure does not say. */
  readonly scope: Scope
  /** Where it can occur. */
  readonly stages: readonly Stage[]
  /** Another attempt may succeed, if no reply says otherwise. */
  readonly transient?: true
}

const OPENING = ['greeting', 'ehlo'] as const
const TRANSACTION = ['mail-from', 'rcpt-to', 'data', 'body'] as const
/** The stages in which the client waits for a reply. */
const REPLY = [...OPENING, 'auth', ...TRANSACTION] as const
const ON_THE_WAY = ['dns', 'connect', 'tls', ...REPLY, 'submit'] as const
/** `submit` is for transports that hand over whole messages: they connect inside that stage. */
const TLS = ['tls', 'submit'] as const
/** A server may refuse a recipient at RCPT TO, or only after the content. */
const RECIPIENT = ['rcpt-to', 'data', 'body', 'submit'] as const
const ENVELOPE = ['mail-from', ...RECIPIENT] as const

/** Every kind of failure. The codes, the rehearsals and `docs/failures.md` are generated from this table. */
export const KINDS = {
  // local
  'invalid-config': { scope: 'transport', stages: ['config', ...TLS] },
  'missing-credentials': { scope: 'transport', stages: ['config', 'submit'] },
  'no-recipients': { scope: 'message', stages: ['compose'] },
  'invalid-message': { scope: 'message', stages: ['compose', 'submit'] },
  template: { scope: 'message', stages: ['compose'] },
  'invalid-address': { scope: 'message', stages: ['compose', ...RECIPIENT] },
  'header-injection': { scope: 'message', stages: ['compose'] },
  attachment: { scope: 'message', stages: ['compose'], transient: true },
  'pool-closed': { scope: 'transport', stages: ['queue'], transient: true },
  'queue-full': { scope: 'transport', stages: ['queue'], transient: true },
  'breaker-open': { scope: 'transport', stages: ['queue'], transient: true },
  aborted: { scope: 'message', stages: ['compose', 'queue', ...ON_THE_WAY], transient: true },
  storage: { scope: 'transport', stages: ['submit'], transient: true },
  // network
  'host-not-found': { scope: 'transport', stages: ['dns', 'submit'] },
  'dns-temporary': { scope: 'transport', stages: ['dns', 'submit'], transient: true },
  proxy: { scope: 'transport', stages: ['connect'] },
  'connection-refused': { scope: 'transport', stages: ['connect', 'submit'], transient: true },
  unreachable: { scope: 'transport', stages: ON_THE_WAY, transient: true },
  timeout: { scope: 'transport', stages: ['compose', 'queue', ...ON_THE_WAY], transient: true },
  'connection-lost': { scope: 'transport', stages: ON_THE_WAY, transient: true },
  // tls
  'not-tls': { scope: 'transport', stages: TLS },
  handshake: { scope: 'transport', stages: TLS },
  'protocol-version': { scope: 'transport', stages: TLS },
  'certificate-untrusted': { scope: 'transport', stages: TLS },
  'certificate-expired': { scope: 'transport', stages: TLS },
  'certificate-hostname': { scope: 'transport', stages: TLS },
  'client-certificate-required': { scope: 'transport', stages: TLS },
  'starttls-not-offered': { scope: 'transport', stages: ['tls'] },
  'tls-unavailable': { scope: 'transport', stages: TLS, transient: true },
  'requiretls-not-offered': { scope: 'transport', stages: ENVELOPE },
  'response-injection': { scope: 'transport', stages: ['tls'] },
  // protocol
  'not-smtp': { scope: 'transport', stages: ['greeting'] },
  protocol: { scope: 'transport', stages: ['tls', ...REPLY, 'submit'], transient: true },
  // auth
  'auth-not-offered': { scope: 'transport', stages: ['auth'] },
  'auth-mechanism': { scope: 'transport', stages: ['auth', 'mail-from'] },
  'bad-credentials': { scope: 'transport', stages: ['auth', 'mail-from', 'submit'] },
  'app-password-required': { scope: 'transport', stages: ['auth'] },
  'web-login-required': { scope: 'transport', stages: ['auth'] },
  'oauth-token': { scope: 'transport', stages: ['auth', 'submit'] },
  'auth-temporary': { scope: 'transport', stages: ['auth'], transient: true },
  'auth-required': { scope: 'transport', stages: ['ehlo', 'auth', ...ENVELOPE] },
  'tls-required': { scope: 'transport', stages: ['ehlo', 'auth', ...ENVELOPE] },
  // server
  'account-blocked': { scope: 'transport', stages: [...REPLY, 'submit'] },
  'service-unavailable': { scope: 'transport', stages: ['tls', ...REPLY, 'submit'], transient: true },
  'server-error': { scope: 'transport', stages: [...REPLY, 'submit'], transient: true },
  'server-storage': { scope: 'transport', stages: ENVELOPE, transient: true },
  'rate-limited': { scope: 'transport', stages: [...REPLY, 'submit'], transient: true },
  greylisted: { scope: 'recipient', stages: ENVELOPE, transient: true },
  policy: { scope: 'transport', stages: [...REPLY, 'submit'] },
  rejected: { scope: 'message', stages: [...REPLY, 'submit'] },
  // address
  suppressed: { scope: 'recipient', stages: RECIPIENT },
  'mailbox-unknown': { scope: 'recipient', stages: RECIPIENT },
  'domain-unknown': { scope: 'recipient', stages: RECIPIENT },
  'mailbox-full': { scope: 'recipient', stages: ENVELOPE },
  'mailbox-disabled': { scope: 'recipient', stages: RECIPIENT },
  'relay-denied': { scope: 'transport', stages: ['mail-from', 'rcpt-to'] },
  'too-many-recipients': { scope: 'transport', stages: ['compose', ...RECIPIENT], transient: true },
  'sender-rejected': { scope: 'sender', stages: ENVELOPE },
  'sender-not-owned': { scope: 'sender', stages: ENVELOPE },
  'smtputf8-required': { scope: 'transport', stages: ENVELOPE },
  mixed: { scope: 'recipient', stages: ['rcpt-to', 'body', 'submit'] },
  // content
  'message-too-large': { scope: 'message', stages: ENVELOPE },
  spam: { scope: 'message', stages: ENVELOPE },
  'authentication-policy': { scope: 'sender', stages: ENVELOPE },
  'content-rejected': { scope: 'message', stages: ENVELOPE },
  // a bug in a transport
  unexpected: { scope: 'transport', stages: ['compose', 'connect', 'mail-from', 'submit'] },
} as const satisfies Record<string, KindFacts>

/** What happened at a stage. A minor version may add a kind, so a `switch` over kinds needs a default. */
export type Kind = keyof typeof KINDS

/** `stage/kind`, for pairs that can occur together: one string to log, to switch on and to look up in the docs. */
export type FailureCode = { [K in Kind]: `${(typeof KINDS)[K]['stages'][number]}/${K}` }[Kind]

/** Whether a kind can occur at a stage. */
export function canOccur(stage: Stage, kind: Kind): boolean {
  return (KINDS[kind].stages as readonly Stage[]).includes(stage)
}

/** Every code, in the order of the stages and of the kinds. */
export const FAILURE_CODES: readonly FailureCode[] = STAGES.flatMap((stage) =>
  (Object.keys(KINDS) as Kind[])
    .filter((kind) => canOccur(stage, kind))
    .map((kind) => `${stage}/${kind}` as FailureCode),
)
