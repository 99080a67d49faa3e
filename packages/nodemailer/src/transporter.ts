import { configError } from '@loudmail/core/transport'
import {
  createTransport,
  type Transport as TransportPlugin,
  type TransportConfig,
  type Transporter,
} from 'nodemailer'
import type { MailMessage } from 'nodemailer/lib/mailer'
import { checkSmtpOptions } from './check-options.ts'
import type { SmtpInner } from './smtp/tap.ts'

/** A transport of nodemailer, its own or a plugin. A transporter passes its messages to it. */
export interface InnerTransport {
  name?: unknown
  options?: unknown
  send(mail: MailMessage, callback: (error: Error | null, info?: unknown) => void): unknown
  verify?: unknown
  close?: unknown
}

/** What {@link nodemailer} accepts: a transporter, options or a URL for `createTransport`, or a transport plugin. */
export type TransporterInput =
  | Pick<Transporter, 'sendMail' | 'close'>
  | TransportConfig
  | TransportPlugin
  | string

/** A transporter with the transport inside it. */
export interface Resolved {
  readonly transporter: Transporter
  readonly inner: InnerTransport
}

/**
 * Creates a transporter from any input, and checks its options.
 *
 * @throws MailError `config/invalid-config` or `config/missing-credentials`, which does not contain the input
 */
export function resolveTransporter(input: unknown): Resolved {
  const transporter = isTransporter(input) ? input : create(input)
  const inner = transporter.transporter as unknown as InnerTransport
  if (typeof inner?.send !== 'function') throw configError('nodemailer() needs a transporter that can send')
  if (isSmtp(inner)) checkSmtpOptions(inner.options, transporter)
  return { transporter, inner }
}

/** Checks its methods instead of its class, because it may come from another copy of nodemailer. */
export function isSmtp(inner: object): inner is SmtpInner {
  const { getSocket, options } = inner as Partial<SmtpInner>
  return typeof getSocket === 'function' && typeof options === 'object' && options !== null
}

function isTransporter(input: unknown): input is Transporter {
  return (
    typeof input === 'object' &&
    input !== null &&
    typeof (input as { sendMail?: unknown }).sendMail === 'function' &&
    typeof (input as { transporter?: unknown }).transporter === 'object'
  )
}

function create(input: unknown): Transporter {
  if (typeof input === 'string') checkUrl(input, 'nodemailer()')
  else if (typeof input !== 'object' || input === null)
    throw configError('nodemailer() needs a transporter, or the options or URL of one')
  else {
    const { url } = input as { url?: unknown }
    if ('url' in input) checkUrl(url, 'url')
  }
  try {
    return createTransport(input as TransportConfig)
  } catch (error) {
    // Most errors repeat the input. Errors with this code are nodemailer's own sentences, without it.
    const { code, message } = error as { code?: unknown; message?: string }
    throw configError(
      code === 'ECONFIG' && typeof input === 'object'
        ? `nodemailer does not accept these options: ${message}`
        : 'nodemailer does not accept these options',
    )
  }
}

function checkUrl(url: unknown, name: string): void {
  // The error of `new URL` contains the input, so it is not kept.
  if (typeof url !== 'string' || !/^smtps?:\/\//i.test(url) || !URL.canParse(url)) {
    throw configError(
      `${name} needs a URL such as smtp://mail.example.com:587, with user and password before an @ percent-encoded (encodeURIComponent) and a port up to 65535`,
    )
  }
}
