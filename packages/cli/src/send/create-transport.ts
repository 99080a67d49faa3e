import { retry, transportFromUrl, type Transport } from '@loudmail/core'
import { smtpSchemes } from '@loudmail/smtp'
import type { PasswordOf } from './read-password.ts'
import type { ReadUrl } from './read-url.ts'
import type { SendOptions } from './send-options.ts'
import { HOST_SCHEMES, lacksPassword } from './server-urls.ts'

/** Creates the transport of a URL, with the passwords that it lacks, and as the options want it. */
export async function createTransport(
  { text, urls }: Pick<ReadUrl, 'text' | 'urls'>,
  passwordOf: PasswordOf,
  options: Pick<SendOptions, 'connections' | 'retry' | 'transcript'>,
): Promise<Transport> {
  // Loaded on demand: most sends do not need it.
  const isDebug = urls.some((url) => url.protocol === 'debug:')
  const debug = isDebug || options.transcript ? await import('@loudmail/debug') : undefined
  const schemes = Object.fromEntries(
    HOST_SCHEMES.map((name) => [name, (url: URL) => smtpSchemes[name]!(completed(url, passwordOf, options))]),
  )
  const transport = transportFromUrl(text, { ...debug?.debugSchemes, ...schemes })
  const trying = options.retry ? retry(transport) : transport
  return options.transcript && debug ? debug.record(trying) : trying
}

function completed(url: URL, passwordOf: PasswordOf, { connections }: Pick<SendOptions, 'connections'>): URL {
  const whole = new URL(url)
  if (lacksPassword(url)) whole.password = encodeURIComponent(passwordOf(url))
  if (connections !== undefined) whole.searchParams.set('pool.connections', String(connections))
  return whole
}
