import type { Reply, Stage, Transcript } from '@loudmail/core'
import type { Capabilities } from '@loudmail/core/transport'
import type { SmtpOptions } from './options.ts'

/** A certificate that the server showed. */
export interface ProbeCertificate {
  /** The names that it is for: host names and IP addresses. */
  readonly names: readonly string[]
  /** Who it is for, and who signed it, each as one line such as `CN=mail.example.com, O=Example`. */
  readonly subject: string
  readonly issuer: string
  readonly isSelfSigned: boolean
  readonly validFrom: Date
  readonly validTo: Date
  /** The size of the key, in bits; undefined if it is not known. */
  readonly keyBits: number | undefined
  /** SHA-256, as pairs of hex digits with colons. */
  readonly fingerprint: string
  readonly pem: string
}

/** What happens while a connection is opened, as it happens. */
export type ProbeEvent =
  /** A TCP connection stands. `address` is the one of the server, or of the proxy. */
  | {
      readonly type: 'connected'
      readonly address: string
      readonly throughProxy: boolean
      readonly durationMs: number
    }
  /** TLS stands. Also before a failure, if the server's certificate was not accepted. */
  | {
      readonly type: 'encrypted'
      /** Such as `TLSv1.3`. */
      readonly protocol: string
      /** The standard name of the cipher. */
      readonly cipher: string
      /** The certificate is trusted and for this host. */
      readonly verified: boolean
      /** That of the server first, then those that signed it, as far as the server showed them. */
      readonly certificates: readonly ProbeCertificate[]
      readonly durationMs: number
    }
  /** The server answered. `command` is as in a transcript: without secrets; `connection` for the greeting. */
  | {
      readonly type: 'answered'
      readonly stage: Stage
      readonly command: string
      readonly reply: Reply
      readonly durationMs: number
    }

/** The options of {@link probe} beside those of `smtp()`. */
export interface ProbeOptions {
  readonly onEvent?: ((event: ProbeEvent) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** A connection that is ready for MAIL, to ask one command at a time. */
export interface Probe {
  /** What the server offered last. */
  readonly capabilities: Capabilities
  readonly encrypted: boolean
  /**
   * Asks one command and gives the reply to it.
   *
   * @throws MailError if the server refuses (4xx or 5xx), or does not answer
   */
  ask(stage: 'mail-from' | 'rcpt-to' | 'data', command: string): Promise<Reply>
  /**
   * Asks several commands in one write (RFC 2920), and gives all replies, also those that refuse.
   *
   * @throws MailError if an answer does not come
   */
  askTogether(
    commands: readonly { readonly stage: 'mail-from' | 'rcpt-to'; readonly command: string }[],
  ): Promise<Reply[]>
  /** The conversation so far, without secrets. */
  transcript(): Transcript
  /** Says QUIT, and waits for the end of the connection for a short time. */
  close(): Promise<void>
}

/**
 * Opens one connection as `smtp()` does, and tells what happens on the way: look-up, TCP, TLS, greeting, EHLO, log-in. It is
 * for tools that find out why sending fails. Nothing is sent.
 *
 * @throws MailError what `verify()` of `smtp()` with the same options throws
 */
export async function probe(_options: SmtpOptions, _probe: ProbeOptions = {}): Promise<Probe> {
  throw new Error('not written yet')
}
