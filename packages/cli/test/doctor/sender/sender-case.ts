import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'vitest'
import type { Step, Verdict } from '../../../src/doctor/report.ts'
import { examineSender, type ExamineSenderOptions } from '../../../src/doctor/sender/examine-sender.ts'
import { startNameServer, type Zone } from './name-server.ts'

/** A DKIM key. */
export const rsaKey = (bits: number): string =>
  generateKeyPairSync('rsa', { modulusLength: bits })
    .publicKey.export({ type: 'spki', format: 'der' })
    .toString('base64')

export const KEY_OF_2048_BITS = rsaKey(2048)
export const SPF = 'v=spf1 ip4:192.0.2.25 include:spf.provider.example -all'
export const DMARC = 'v=DMARC1; p=reject; rua=mailto:dmarc@example.com'

/** The records of a sender that is set up well. */
export const GOOD: Zone = {
  'example.com MX': [{ preference: 10, exchange: 'mx.example.com' }],
  'mx.example.com A': ['192.0.2.10'],
  'example.com TXT': ['site-verification=1', SPF],
  'spf.provider.example TXT': ['v=spf1 ip4:198.51.100.0/24 ~all'],
  'news._domainkey.example.com TXT': [
    [`v=DKIM1; k=rsa; p=${KEY_OF_2048_BITS.slice(0, 200)}`, KEY_OF_2048_BITS.slice(200)],
  ],
  '_dmarc.example.com TXT': [DMARC],
  '25.2.0.192.in-addr.arpa PTR': ['out.example.com'],
  'out.example.com A': ['192.0.2.25'],
}

/** Everything that can be asked for. */
export const OPTIONS = { selector: 'news', ip: '192.0.2.25' }

/** Examines a sender whose records are in a name server of this process. */
export async function examine(
  zone: Zone,
  options: Partial<ExamineSenderOptions> = OPTIONS,
  domain = 'example.com',
): Promise<Step[]> {
  await using server = await startNameServer(zone)
  const { signal } = new AbortController()
  return await examineSender(domain, { servers: [server.address], signal, ...options })
}

/** A sender with one difference from one that is set up well, and what is said about it. */
export interface SenderCase {
  /** A sentence. */
  readonly title: string
  /** How the name of the step begins. */
  readonly step: string
  readonly verdict: Verdict
  /** Parts of the detail. */
  readonly says: readonly string[]
  /** The records that differ. */
  readonly zone: Zone
  readonly options?: Partial<ExamineSenderOptions>
  readonly domain?: string
}

export async function expectCase({ step, verdict, says, zone, options, domain }: SenderCase): Promise<void> {
  const steps = await examine({ ...GOOD, ...zone }, options, domain)
  const found = steps.find(({ name }) => name.startsWith(step))!
  for (const words of says) expect(found.detail).toContain(words)
  expect(found.verdict, found.detail).toBe(verdict)
}
