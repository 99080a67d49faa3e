import { isIP, type Socket } from 'node:net'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { tlsFailure } from '@loudmail/core/transport'
import type { Settings } from '../options.ts'
import { OpeningFailure } from './opening-failure.ts'
import type { Opening, OpeningWatch } from './opening.ts'

/**
 * Puts TLS around a connected socket. Opportunistic encryption is not verified (RFC 7435).
 *
 * @throws OpeningFailure at `tls`
 */
export function encrypt(socket: Socket, settings: Settings, opening: Opening): Promise<TLSSocket> {
  return opening.step<TLSSocket>('tls', settings.timeouts.tls, (step) => {
    const secure = begin(socket, settings)
    opening.handle = secure
    const { watch } = opening
    const begunAt = performance.now()
    let certificate: PeerCertificate | undefined
    let tellWatch: (() => void) | undefined
    // Before Node checks the certificate: after a failed check it can no longer be read.
    secure.prependOnceListener('secure', () => {
      certificate = secure.getPeerCertificate()
      if (watch) tellWatch = beforeCheck(secure, watch, performance.now() - begunAt)
    })
    const onError = (cause: Error): void => {
      tellWatch?.()
      certificate ??= secure.getPeerCertificate()
      step.fail({ stage: 'tls', ...tlsFailure(cause, nameOf(settings), certificate), cause })
    }
    const onClose = (): void => step.fail({ stage: 'tls', kind: 'connection-lost' })
    secure.once('error', onError).once('close', onClose)
    secure.once('secureConnect', () => {
      secure.off('error', onError).off('close', onClose)
      tellWatch?.()
      step.done(secure)
    })
    return () => {
      secure.on('error', () => {}).destroy()
      socket.on('error', () => {}).destroy()
    }
  })
}

/** Reads now what can no longer be read once the check has failed, and tells it then. */
function beforeCheck(secure: TLSSocket, watch: OpeningWatch, durationMs: number): () => void {
  const facts = {
    protocol: secure.getProtocol() ?? 'TLS',
    cipher: secure.getCipher().standardName,
    certificate: secure.getPeerCertificate(true),
  }
  return () => watch.encrypted({ ...facts, verified: secure.authorized }, durationMs)
}

/** With options that it cannot use, TLS throws at once. The socket must be closed then. */
function begin(socket: Socket, settings: Settings): TLSSocket {
  const { host, tls, tlsOptions } = settings
  try {
    return connect({
      ...(!isIP(host) && { servername: nameOf(settings) }),
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

/** The name that the certificate must be for. */
function nameOf({ host, tlsOptions }: Settings): string {
  // A name in TLS has no dot at its end (RFC 6066 section 3).
  return tlsOptions.servername || host.replace(/\.$/, '')
}
