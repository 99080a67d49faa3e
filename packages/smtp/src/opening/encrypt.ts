import { isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { Kind } from '@loudmail/core'
import { diagnoseConnectionError } from '@loudmail/core/transport'
import type { Settings } from '../options.ts'
import { OpeningFailure } from './opening-failure.ts'
import type { Opening } from './opening.ts'

/**
 * Puts TLS around a connected socket. Opportunistic encryption is not verified (RFC 7435).
 *
 * @throws OpeningFailure at `tls`
 */
export function encrypt(socket: Socket, settings: Settings, opening: Opening): Promise<TLSSocket> {
  return opening.step<TLSSocket>('tls', settings.timeouts.tls, (step) => {
    const secure = begin(socket, settings)
    opening.handle = secure
    const onError = (cause: Error): void => step.fail({ stage: 'tls', kind: kindOf(cause, secure), cause })
    const onClose = (): void => step.fail({ stage: 'tls', kind: 'connection-lost' })
    secure.once('error', onError).once('close', onClose)
    secure.once('secureConnect', () => {
      secure.off('error', onError).off('close', onClose)
      step.done(secure)
    })
    return () => {
      secure.on('error', () => {}).destroy()
      socket.on('error', () => {}).destroy()
    }
  })
}

/** With options that it cannot use, TLS throws at once. The socket must be closed then. */
function begin(socket: Socket, { host, tls, tlsOptions }: Settings): TLSSocket {
  try {
    return connect({
      ...(isIP(host) ? {} : { servername: host }),
      ...(tls === 'opportunistic' && { rejectUnauthorized: false }),
      ...tlsOptions,
      host,
      socket,
    })
  } catch (cause) {
    socket.on('error', () => {}).destroy()
    throw new OpeningFailure({
      stage: 'tls',
      kind: 'invalid-config',
      summary: 'TLS cannot use the tlsOptions of smtp()',
      cause,
    })
  }
}

/** A TLS 1.2 server says only that the handshake failed. If it sent a certificate before, it wants one in return. */
function kindOf(cause: Error, secure: TLSSocket): Kind {
  const kind = diagnoseConnectionError(cause)?.kind ?? 'not-tls'
  if (kind !== 'protocol-version') return kind
  return Object.keys(secure.getPeerCertificate() ?? {}).length > 0 ? 'client-certificate-required' : kind
}
