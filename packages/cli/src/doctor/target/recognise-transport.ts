import type { Mailer, Transport } from '@loudmail/core'
import { smtp, type SmtpOptions } from '@loudmail/smtp'
import type { Target } from '../target.ts'
import { configFailure } from './config-failure.ts'
import { configStep } from './config-step.ts'
import { loadNodemailer } from './load-nodemailer.ts'
import { optionsFromNodemailer, type NodemailerOptions } from './options-from-nodemailer.ts'
import { readUrl } from './read-url.ts'
import type { Reading } from './reading.ts'
import { repairOptions } from './repair-options.ts'
import { refusalOf } from './refusal-of.ts'
import { summaryOf } from './summary-of.ts'

/** What a file exports, read. */
export interface TransportReading extends Reading {
  /** What it is, such as `a nodemailer transporter`. */
  readonly what: string
  readonly words: Target['words']
  readonly transport: Transport | undefined
  readonly goesOnPlain?: boolean
}

/**
 * Finds out what a value is: a transport, a mailer, a transporter of nodemailer, options or a URL.
 *
 * @param file where it comes from: `@loudmail/nodemailer` is looked for from there
 */
export async function recogniseTransport(
  value: unknown,
  file: string,
  part: number,
): Promise<TransportReading> {
  if (typeof value === 'string' || value instanceof URL)
    return { ...readUrl(String(value), part), what: 'a URL', words: 'url', transport: undefined }
  const object = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (typeof object['sendMail'] === 'function') return readTransporter(object, file)
  if (typeof object['send'] === 'function' && typeof object['name'] === 'string')
    return readable('a transport of Loudmail', value as Transport)
  if (typeof object['send'] === 'function' && typeof object['verify'] === 'function')
    return readable('a Mailer', mailerTransport(value as Mailer))
  if (NODEMAILER_ONLY.some((name) => name in object) || typeof object['tls'] === 'object')
    return readTransporter({ options: object }, file)
  if ('host' in object) return readOptions(value as SmtpOptions)
  const failure = configFailure(
    `the default export is ${kindOf(value)}, which is nothing that sends`,
    'Export a transport, a Mailer, a transporter of nodemailer, options or a URL.',
  )
  const steps = [configStep('fail', 'transport', failure.summary)]
  return { failure, changes: [], steps, what: kindOf(value), words: 'smtp', transport: undefined }
}

const NODEMAILER_ONLY = [
  'secure',
  'requireTLS',
  'ignoreTLS',
  'opportunisticTLS',
  'service',
  'connectionTimeout',
]

function readable(what: string, transport: Transport): TransportReading {
  return { what, words: 'smtp', transport, changes: [], steps: [] }
}

function readOptions(options: SmtpOptions): TransportReading {
  const read = { what: 'options of smtp()', words: 'smtp', transport: undefined } as const
  const failure = refusalOf(() => smtp(options))
  if (!failure)
    return { ...read, options, changes: [], steps: [configStep('pass', 'options', summaryOf(options))] }
  const steps = [configStep('fail', 'options', failure.summary)]
  return { ...read, changes: [], ...repairOptions(options), failure, steps }
}

async function readTransporter(object: Record<string, unknown>, file: string): Promise<TransportReading> {
  const isTransporter = typeof object['sendMail'] === 'function'
  const inner = (object['transporter'] ?? {}) as { options?: NodemailerOptions; getSocket?: unknown }
  const given = inner.options ?? (object['options'] as NodemailerOptions | undefined) ?? {}
  const isSmtp = !isTransporter || typeof inner.getSocket === 'function'
  const read = isSmtp ? optionsFromNodemailer(given) : undefined
  const adapter = await loadNodemailer(file)
  let transport: Transport | undefined
  let failure = refusalOf(() => (transport = adapter?.(isTransporter ? object : given)))
  if (read) failure ??= refusalOf(() => smtp(read.options))
  else if (!adapter)
    failure ??= configFailure(
      'this transporter does not speak SMTP, and @loudmail/nodemailer is not installed beside it',
      'Install @loudmail/nodemailer, so that the doctor can ask the transporter to verify.',
    )
  return {
    what: isTransporter ? 'a nodemailer transporter' : 'options of nodemailer',
    words: 'nodemailer',
    transport,
    failure,
    changes: [],
    ...(read && repairOptions(read.options)),
    goesOnPlain: read?.goesOnPlain ?? false,
    steps: [
      ...(failure ? [configStep('fail', 'options', failure.summary)] : []),
      ...(read && !failure ? [configStep('pass', 'options', summaryOf(read.options))] : []),
      ...(read?.steps ?? []),
    ],
  }
}

/** A mailer as a transport: it is asked to verify, and sends what the doctor has written. */
function mailerTransport(mailer: Mailer): Transport {
  return {
    name: 'Mailer',
    verify: () => mailer.verify(),
    async send({ envelope }) {
      const receipt = await mailer.send(
        {
          from: envelope.from,
          to: [...envelope.to],
          subject: 'A test by loudmail doctor',
          text: 'This message is a test.',
        },
        { failure: 'loud' },
      )
      const { response, transport, failures } = receipt
      return { transport, state: 'sent', response, failures }
    },
    close: () => mailer.close(),
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return `a ${typeof value}`
  const names = Object.keys(value)
  return names.length === 0 ? 'an empty object' : `an object with ${names.slice(0, 10).join(', ')}`
}
