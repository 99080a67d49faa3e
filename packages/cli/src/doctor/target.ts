import type { MailError, Transport } from '@loudmail/core'
import type { SmtpOptions } from '@loudmail/smtp'
import type { Fix, Step } from './report.ts'

/** What the doctor examines, as the application would have it. */
export interface Target {
  /** The URL or the name of the transport, without the password. */
  readonly url: string
  /**
   * The options of `smtp()` that the application has, with the real secrets. If the application's own cannot be used, these
   * are the repaired ones. Undefined for a transport that shows none, or if there is no way to repair them.
   */
  readonly options: SmtpOptions | undefined
  /** The application's own transport, if it has one. */
  readonly transport: Transport | undefined
  /** How the application writes its options, so that it can paste a fix. */
  readonly words: 'url' | 'smtp' | 'nodemailer'
  /** What was seen while the target was read: variables, files, the environment. */
  readonly steps: readonly Step[]
  /** Why the application fails before it connects, such as a URL that cannot be read. */
  readonly failure?: MailError | undefined
  /** The change that `options` already have. A walk that passes proves it. */
  readonly repaired?: Fix | undefined
  /** The application goes on unencrypted if STARTTLS is not offered, as nodemailer does, although `options` require it. */
  readonly goesOnPlain?: boolean | undefined
}

/** What the caller of the doctor asked for. */
export interface Wishes {
  /** The sender for MAIL FROM. @default the user name if it is an address, otherwise a made-up one */
  readonly from: string | undefined
  /** The recipients for RCPT TO. Without any, the walk ends after MAIL FROM. */
  readonly to: readonly string[]
  /** Send a real message to `to`. */
  readonly send: boolean
  /** The size of the largest message of the application, in octets. */
  readonly sizeOctets: number | undefined
  /** How long a step may take, in ms; options of the target that say otherwise take precedence. */
  readonly timeoutMs: number
  /** Ctrl-C. */
  readonly signal: AbortSignal
  /** Called as each step ends. */
  readonly onStep: (step: Step) => void
  /** Called with what the next step waits for, such as `the greeting`. */
  readonly onWait?: ((what: string) => void) | undefined
}
