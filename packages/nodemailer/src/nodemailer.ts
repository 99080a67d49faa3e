import type { Transport } from '@loudmail/core'
import { SmtpTransport } from './smtp/smtp-transport.ts'
import { SubmitTransport } from './submit/submit-transport.ts'
import { isSmtp, resolveTransporter, type TransporterInput } from './transporter.ts'

/**
 * Sends through nodemailer: SMTP (pooled or not), SES, sendmail, stream, JSON or a plugin. Pass an existing transporter,
 * which then belongs to this transport, or the options or URL of one.
 *
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function nodemailer(transporterOrOptions: TransporterInput): Transport {
  const { transporter, inner } = resolveTransporter(transporterOrOptions)
  // Each send reports its failures itself. An error event without a listener would end the process.
  if (transporter.listenerCount('error') === 0) transporter.on('error', () => {})
  return isSmtp(inner) ? new SmtpTransport(transporter, inner) : new SubmitTransport(transporter, inner)
}
