import { diagnoseConnectionError } from '@loudmail/core/transport'
import type { Flaw } from '../problems/problem-list.ts'
import type { ServerAnswer } from './ask-server.ts'

/** What an address is for. */
export type Use = 'link' | 'image'

const WORDS: Readonly<Record<string, readonly [level: Flaw['level'], what: string, advice: string]>> = {
  'host-not-found': ['error', 'whose host does not exist', 'Check how it is spelled.'],
  'dns-temporary': ['warning', 'whose host could not be looked up', 'Try again later.'],
  'connection-refused': [
    'error',
    'whose server refuses connections',
    'Check its port, and that the server runs.',
  ],
  unreachable: [
    'error',
    'whose server cannot be reached',
    'Check the address, and the network of this machine.',
  ],
  timeout: [
    'warning',
    'whose server did not answer within 5 seconds',
    'Open it yourself, and try again later.',
  ],
  'connection-lost': [
    'warning',
    'whose server closed the connection',
    'Open it yourself, and try again later.',
  ],
  'certificate-expired': ['error', 'whose certificate is not valid today', 'Renew the certificate.'],
  'certificate-hostname': [
    'error',
    'whose certificate is for another host',
    'Use a host that the certificate names.',
  ],
  'certificate-untrusted': [
    'error',
    'whose certificate nobody vouches for',
    'Use a certificate that browsers trust.',
  ],
}

const BROWSERS_WARN = ['error', 'whose TLS does not work', 'Open it in a browser to see why.'] as const

/** What is wrong with an address by what its server said; undefined if nothing is. */
export function answerFlaw(use: Use, answer: ServerAnswer): Flaw | undefined {
  const { status, contentType, isEndless, leadsTo } = answer
  const advice = 'Open it in a browser to see what is there.'
  if (isEndless) return flaw(use, 'warning', 'that redirects too often', advice)
  if (leadsTo !== undefined && use === 'image')
    return flaw(use, 'error', 'that redirects to something that is no picture', advice)
  if (status === 404 || status === 410)
    return flaw(
      use,
      'error',
      `that does not exist (${status})`,
      'Check the address, or publish what belongs there.',
    )
  if (status >= 500) return flaw(use, 'warning', `whose server fails (${status})`, 'Try again later.')
  if (use === 'link') return undefined
  // Whoever may not see a page logs in. Mail programs cannot.
  if (status >= 400)
    return flaw(
      use,
      'error',
      `that the server does not give out (${status})`,
      'Readers need it without a log-in.',
    )
  if (status >= 200 && status < 300 && !/^image\//i.test(contentType.trim()))
    return flaw(
      use,
      'error',
      'that the server does not call an image',
      'Check its Content-Type: it must be image/….',
    )
  return undefined
}

/** What is wrong with an address whose server gave no answer. */
export function errorFlaw(use: Use, error: unknown): Flaw {
  const cause = (error as { cause?: unknown } | undefined)?.cause
  const { name } = (error ?? {}) as { name?: unknown }
  const { code } = (cause ?? {}) as { code?: unknown }
  const diagnosis = diagnoseConnectionError(cause)
  const kind =
    name === 'TimeoutError' || isLate(code) ? 'timeout' : isClosed(code) ? 'connection-lost' : diagnosis?.kind
  const words = WORDS[kind ?? ''] ?? (diagnosis?.stage === 'tls' || isTls(code) ? BROWSERS_WARN : undefined)
  if (words) return flaw(use, ...words)
  return flaw(use, 'warning', 'that could not be asked for', 'Open it in a browser to see why.')
}

function isLate(code: unknown): boolean {
  return code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'UND_ERR_HEADERS_TIMEOUT'
}

function isClosed(code: unknown): boolean {
  return code === 'UND_ERR_SOCKET'
}

function isTls(code: unknown): boolean {
  return /^(?:ERR_SSL|ERR_TLS|EPROTO)/.test(String(code))
}

function flaw(use: Use, level: Flaw['level'], what: string, advice: string): Flaw {
  return { kind: use, level, what: `${use === 'link' ? 'A link' : 'An image'} ${what}`, advice }
}
