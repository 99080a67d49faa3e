import { abortKind } from './abort-kind.ts'
import { MailError, type Message, type TransportContext, type Transport } from '@loudmail/core'
import { configError, failAll } from '@loudmail/core/transport'
import { HandshakeFailure } from './opening/handshake-failure.ts'
import { handshake, type Progress } from './opening/handshake.ts'
import { Job } from './pool/job.ts'
import { settingsOf, type Settings, type SmtpOptions } from './options.ts'
import { Pool } from './pool/pool.ts'
import { optionsFromUrl } from './url.ts'

/** The same for all that are sent without: thousands may wait. */
const NO_CONTEXT: TransportContext = Object.freeze({})

/**
 * Sends over SMTP (RFC 5321) or LMTP (RFC 2033), on pooled connections, pipelined where the server allows it.
 *
 * @param options or a URL: `smtp://user:password@mail.example.com:587`
 * @param more beside a URL, what it cannot hold or is not to say: `dkim`, `tlsOptions`, `timeouts`
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function smtp(options: SmtpOptions | string | URL, more?: Partial<SmtpOptions>): Transport {
  const settings = settingsOf(together(options, more))
  const name = `${settings.protocol}(${settings.host}:${settings.port})`
  const pool = new Pool(settings, name)
  return {
    name,
    send: (message, context = NO_CONTEXT) => send(pool, message, context),
    verify: (context) => verify(settings, name, context),
    close: () => pool.close(),
  }
}

function together(options: SmtpOptions | string | URL, more: Partial<SmtpOptions> | undefined): SmtpOptions {
  if (options === undefined)
    throw configError(
      'smtp() needs a URL or options: where the URL is an environment variable, it is not set',
    )
  const isUrl = typeof options === 'string' || options instanceof URL
  if (more === undefined) return isUrl ? optionsFromUrl(options) : options
  if (!isUrl)
    throw configError('smtp() takes a second argument beside a URL only: put all options into one object')
  if (typeof more !== 'object' || more === null)
    throw configError('smtp() needs an object of options beside a URL')
  return { ...optionsFromUrl(options), ...more }
}

function send(pool: Pool, message: Message, context: TransportContext): ReturnType<Transport['send']> {
  const { signal } = context
  return new Promise((resolve, reject) => {
    const refused = pool.isClosed ? 'pool-closed' : signal?.aborted ? abortKind(signal) : undefined
    if (refused) {
      const { transportName: transport } = pool
      return reject(failAll(message, 'not-attempted', { stage: 'queue', kind: refused, transport }))
    }
    pool.submit(new Job(message, context, resolve, reject, pool.abandon))
  })
}

async function verify(
  settings: Settings,
  transport: string,
  context: TransportContext | undefined,
): Promise<void> {
  const progress: Progress = { stage: 'connect', recorder: undefined }
  const checking = handshake(settings, progress).then(({ link }) => link.quit())
  const signal = context?.signal
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => {
    aborted.reject(new HandshakeFailure({ stage: progress.stage, kind: abortKind(signal) }))
    progress.stop?.()
  }
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort)
  // Once it was aborted, nobody waits for the rest.
  checking.catch(() => {})
  try {
    await Promise.race([checking, aborted.promise])
  } catch (error) {
    const init =
      error instanceof HandshakeFailure
        ? error.init
        : ({ stage: 'connect', kind: 'unexpected', cause: error } as const)
    const { recorder } = progress
    throw new MailError({ ...init, transport, redact: recorder?.redact, transcript: recorder?.transcript() })
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
