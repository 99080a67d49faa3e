import { certificates, type ServerScript } from '@loudmail/server'
import type { SmtpOptions } from '@loudmail/smtp'

/** How to make a failure happen: what the server does, and how the client connects. */
export interface Rehearsal {
  readonly script?: ServerScript
  readonly client?: Partial<SmtpOptions>
  /** What is there instead of the server. */
  readonly instead?: 'nobody' | 'refusing proxy' | 'silent proxy'
}

/** How the conversation with the debug server is encrypted. */
export type DebugTls = 'none' | 'starttls' | 'implicit'

/** How long a rehearsed time-out takes, in ms. */
export const TIMEOUT_MS = 250
const EXTENSIONS = ['PIPELINING', 'SIZE', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8']
/** Trusts only the test authority of the debug server. */
const TRUSTING = { tlsOptions: { ca: certificates.ca } }

/** The same with TLS around it, and with the usual extensions. */
export function encrypted({ script = {}, client, instead }: Rehearsal, tls: DebugTls): Rehearsal {
  const ofTls = tls === 'none' ? [] : ['REQUIRETLS', ...(tls === 'starttls' ? ['STARTTLS'] : [])]
  const caps = [...EXTENSIONS, ...(script.caps ?? []), ...ofTls]
  return {
    script: { ...script, caps, ...(tls === 'implicit' && { tls }) },
    client: { ...client, ...TRUSTING, tls },
    ...(instead && { instead }),
  }
}
