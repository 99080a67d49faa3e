import type { Kind } from '@loudmail/core'
import { isLoopback } from '@loudmail/core/transport'
import type { Settings } from '../options.ts'
import { OpeningFailure } from './opening-failure.ts'

/** These are no fault of the server's TLS. */
const OTHER: readonly Kind[] = ['invalid-config', 'response-injection', 'aborted']

const NO_TLS_HINT =
  "The server offers STARTTLS, but its TLS does not work: have that repaired, or STARTTLS switched off there. If it is a server that you trust, on a network that you trust, send without encryption: `?tls=none` in the URL, or `tls: 'none'`."

/**
 * The failure of a server that offered STARTTLS and then could not do it: undefined if it is something else. Where a plain
 * connection may be meant, the hint says how to get one.
 */
export function brokenStartTls(failure: unknown, settings: Settings): OpeningFailure | undefined {
  if (!(failure instanceof OpeningFailure)) return undefined
  const { init } = failure
  if (init.reply || OTHER.includes(init.kind)) return undefined
  const mayBePlain =
    settings.tls === 'opportunistic' || (isLoopback(settings.host) && settings.proxy === undefined)
  const isOfCertificate = init.kind.includes('certificate')
  return mayBePlain && !isOfCertificate ? new OpeningFailure({ hint: NO_TLS_HINT, ...init }) : failure
}
