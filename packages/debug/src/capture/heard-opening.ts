import { MailError, type FailureCode, type Kind, type Reply, type Stage } from '@loudmail/core'
import { diagnoseReply, parseReply } from '@loudmail/core/transport'
import type { ConnectionRecord } from '@loudmail/server'

const STAGES: readonly (string | undefined)[] = ['greeting', 'ehlo', 'tls', 'auth']

/** The alerts of a client that ends the handshake, and the mistakes of its first bytes, as OpenSSL names them. */
const TLS_ERRORS: readonly (readonly [RegExp, Kind])[] = [
  [/UNKNOWN_CA/, 'certificate-untrusted'],
  [/CERTIFICATE_EXPIRED/, 'certificate-expired'],
  [/DID_NOT_RETURN_A_CERTIFICATE/, 'client-certificate-required'],
  [/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_PROTOCOLS/, 'protocol-version'],
  [/WRONG_VERSION_NUMBER|HTTP_REQUEST|UNKNOWN_PROTOCOL/, 'not-tls'],
]
const GAVE_UP = {
  summary: 'the client ended the connection during the TLS handshake, or right after it',
  hint: 'As a rule, the client does not trust the certificate of this server: let it trust the test authority, or let it accept any certificate during development.',
}

/** What happens before the first message: greeting, EHLO, TLS and log-in. */
export class HeardOpening {
  readonly #connection: ConnectionRecord
  readonly #rehearsed: FailureCode | undefined
  #hasAsked = false
  #isPassed = false
  #handshake: 'none' | 'asked' | 'followed' = 'none'
  #refusal: { readonly stage: Stage; readonly reply: Reply } | undefined

  constructor(connection: ConnectionRecord, rehearsed: FailureCode | undefined) {
    this.#connection = connection
    this.#rehearsed = STAGES.includes(rehearsed?.split('/')[0]) ? rehearsed : undefined
  }

  said(stage: Stage | undefined): void {
    this.#hasAsked = true
    this.#isPassed ||= stage === 'mail-from'
    if (stage === 'tls') this.#handshake = 'asked'
    else if (this.#handshake === 'asked') this.#handshake = 'followed'
  }

  /** A reply at a stage before the first message. The last word of a stage counts: HELO may work after EHLO was refused. */
  answered(stage: Stage, text: string, command: string): void {
    if (this.#isPassed || !STAGES.includes(stage)) return
    const reply = parseReply(text.split('\n'))
    if (!reply) return
    if (reply.code >= 400) this.#refusal = { stage, reply: { ...reply, command } }
    else if (this.#refusal?.stage === stage && reply.code < 300) this.#refusal = undefined
  }

  /**
   * Why the client did not come as far as its first message; undefined if it did, or if it did not want to send one.
   *
   * @param asked the stage that was not answered
   */
  failure(asked: Stage | undefined): MailError | undefined {
    if (this.#isPassed) return undefined
    const { reply } = this.#refusal ?? {}
    const [stage, kind] = (this.#rehearsed?.split('/') ?? []) as [Stage?, Kind?]
    if (stage && kind && (this.#hasAsked || stage === 'greeting' || stage === 'tls'))
      return new MailError({ stage, kind, ...(this.#refusal?.stage === stage && { reply }) })
    if (this.#refusal) {
      const { kind: meaning, scope } = diagnoseReply(this.#refusal.stage, this.#refusal.reply)
      return new MailError({ stage: this.#refusal.stage, kind: meaning, scope, reply })
    }
    return this.#tlsFailure(asked)
  }

  #tlsFailure(asked: Stage | undefined): MailError | undefined {
    const { error, tls } = this.#connection
    const name = error && 'code' in error ? String(error.code) : ''
    const [, known] = TLS_ERRORS.find(([pattern]) => pattern.test(name)) ?? []
    if (known) return new MailError({ stage: 'tls', kind: known, cause: error })
    // With implicit TLS, nothing is said before the handshake.
    const hasOnlyShakenHands = this.#handshake === 'asked' || (tls && !this.#hasAsked && asked === undefined)
    return hasOnlyShakenHands || name.startsWith('ERR_SSL')
      ? new MailError({ stage: 'tls', kind: 'handshake', cause: error, ...GAVE_UP })
      : undefined
  }
}
