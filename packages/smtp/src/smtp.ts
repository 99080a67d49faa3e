import {
  MailError,
  type Message,
  type Transport,
  type TransportContext,
  type VerifyContext,
} from '@loudmail/core'
import { configError, diagnoseAbort, failAll, tellTrace } from '@loudmail/core/transport'
import { askEnvelope } from './ask-envelope.ts'
import { Account } from './opening/account.ts'
import { handshake } from './opening/handshake.ts'
import { Opening } from './opening/opening.ts'
import { openingError } from './opening/opening-error.ts'
import { settingsOf, type Settings, type SmtpOptions } from './options.ts'
import { Job } from './pool/job.ts'
import { Pool } from './pool/pool.ts'
import { optionsFromUrl } from './options-from-url.ts'
import { transportName } from './transport-name.ts'

/** Shared by all messages that are sent without a context: thousands may wait. */
const NO_CONTEXT: TransportContext = Object.freeze({})

/**
 * Sends over SMTP (RFC 5321) or LMTP (RFC 2033), on pooled connections, pipelined if the server offers that.
 *
 * @param options options, or a URL: `smtp://user:password@mail.example.com:587`
 * @param more with a URL: options that it cannot hold, such as `dkim`, `tlsOptions` and `timeouts`
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function smtp(options: SmtpOptions | string | URL, more?: Partial<SmtpOptions>): Transport {
  const settings = settingsOf(together(options, more))
  const name = transportName(settings)
  const account = new Account(settings)
  const pool = new Pool(settings, account, name)
  return {
    name,
    server: { host: settings.host, port: settings.port },
    send: (message, context = NO_CONTEXT) => send(pool, message, context),
    verify: (context) => verify(settings, account, name, context),
    verifiesEnvelope: true,
    announcesTransmission: true,
    health: () => ({ transport: name, ...pool.health }),
    honoursIdempotencyKey: settings.compose.idempotencyHeader !== undefined,
    close: () => pool.close(),
  }
}

function together(options: SmtpOptions | string | URL, more: Partial<SmtpOptions> | undefined): SmtpOptions {
  if (options === undefined)
    throw configError(
      'smtp() needs a URL or options: if the URL comes from an environment variable, that variable is not set',
    )
  const isUrl = typeof options === 'string' || options instanceof URL
  if (more === undefined) return isUrl ? optionsFromUrl(options) : options
  if (!isUrl)
    throw configError(
      'smtp() accepts a second argument only when the first is a URL: put all options into one object',
    )
  if (typeof more !== 'object' || more === null)
    throw configError('the second argument of smtp() must be an object of options')
  return { ...optionsFromUrl(options), ...more }
}

function send(pool: Pool, message: Message, context: TransportContext): ReturnType<Transport['send']> {
  const { signal } = context
  return new Promise((resolve, reject) => {
    const refused = pool.isClosed ? 'pool-closed' : signal?.aborted ? diagnoseAbort(signal).kind : undefined
    if (refused) {
      const { transportName: transport } = pool
      return reject(failAll(message, 'not-attempted', { stage: 'queue', kind: refused, transport }))
    }
    pool.submit(new Job(message, context, resolve, reject, pool.abandon))
  })
}

async function verify(
  settings: Settings,
  account: Account,
  transport: string,
  context: VerifyContext | undefined,
): Promise<void> {
  const opening = new Opening()
  const signal = context?.signal
  const onAbort = (): void => opening.end(diagnoseAbort(signal))
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort)
  try {
    const session = await handshake(settings, account, opening)
    try {
      if (context?.envelope) await askEnvelope(session, context.envelope, settings.protocol, transport)
    } finally {
      session.link.quit()
      if (context?.trace) tellTrace(context, session.link.recorder.transcript())
    }
  } catch (error) {
    throw MailError.is(error) ? error : openingError(error, opening, transport)
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
