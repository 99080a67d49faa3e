import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { SmtpOptions } from '@loudmail/smtp'
import type { ProbeCertificate, ProbeEncrypted } from '@loudmail/smtp/probe'
import type { Step } from '../report.ts'
import type { Destination } from './destination.ts'
import { judgeCertificate } from './judge-certificate.ts'

/** The version and the cipher of TLS. */
export function tlsStep({ protocol, cipher, durationMs }: ProbeEncrypted): Step {
  const isOld = protocol === 'TLSv1' || protocol === 'TLSv1.1'
  const advice = isOld ? ' This version is no longer safe: have TLS 1.2 or newer enabled on the server.' : ''
  return {
    stage: 'tls',
    name: 'TLS',
    verdict: isOld ? 'warn' : 'pass',
    durationMs,
    detail: `${protocol} with ${cipher}.${advice}`,
  }
}

/** The certificate. If it was not verified, that decides whether the opening fails. */
export function certificateStep({ certificates }: ProbeEncrypted): Step {
  const { detail, problems } = judgeCertificate(certificates)
  return {
    stage: 'tls',
    name: 'certificate',
    verdict: problems.length > 0 ? 'warn' : 'pass',
    durationMs: 0,
    detail: [detail, ...problems].join(' '),
  }
}

/** Why a certificate that was not verified is accepted. */
export function whyUnverified(
  { tlsOptions }: SmtpOptions,
  { host }: Destination,
  certificates: readonly ProbeCertificate[],
): string {
  const why =
    tlsOptions?.rejectUnauthorized === false
      ? 'with `rejectUnauthorized: false`'
      : "with `tls: 'opportunistic'`"
  const flaw = flawOf(certificates, tlsOptions?.servername ?? host)
  return `${flaw}, and ${why} that is accepted: somebody on the way could pretend to be the server.`
}

/** What is wrong with a certificate. */
function flawOf([own]: readonly ProbeCertificate[], host: string): string {
  if (!own || own.isSelfSigned) return 'Nobody vouches for it'
  const now = Date.now()
  if (own.validTo.getTime() < now || own.validFrom.getTime() > now) return 'It is not valid now'
  const certificate = new X509Certificate(own.pem)
  const isFor = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)
  return isFor === undefined ? `It is not for ${host}` : 'Nobody vouches for it'
}

/** Says that nothing is encrypted, and why. On this machine that is no risk. */
export function plainStep(
  { tls, isOwn }: Destination,
  { isAsked, isOffered }: { readonly isAsked: boolean; readonly isOffered: boolean },
): Step {
  const why =
    tls === 'none'
      ? `It is switched off with \`tls: 'none'\`${isOffered ? ', although the server offers STARTTLS' : ''}.`
      : isAsked
        ? 'The connection is not encrypted.'
        : 'The server does not offer STARTTLS, so the connection is not encrypted.'
  const risk = isOwn ? 'The server is on this machine.' : 'Everybody on the way can read the mail.'
  return {
    stage: 'tls',
    name: 'TLS',
    verdict: isOwn ? 'skip' : 'warn',
    durationMs: 0,
    detail: `${why} ${risk}`,
  }
}
