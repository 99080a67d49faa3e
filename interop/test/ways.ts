import type { SmtpOptions } from '@loudmail/smtp'
import type { PortName } from '../src/running-server.ts'

export interface Way {
  readonly title: string
  readonly via: PortName
  readonly options: Partial<SmtpOptions>
  /** How many are sent at once. */
  readonly messages: number
  /** How many lines the shortest of them has. @default 1 */
  readonly leastLines?: number
  /** What the client must have said. */
  readonly says: RegExp
}

/** Ways that lead to every server. */
export const ways: readonly Way[] = [
  { title: 'not encrypted', via: 'starttls', options: { tls: 'none' }, messages: 2, says: /^MAIL/ },
  {
    title: 'encrypted if offered',
    via: 'starttls',
    options: { tls: 'opportunistic', tlsOptions: {} },
    messages: 2,
    says: /^STARTTLS$/,
  },
  { title: 'with STARTTLS', via: 'starttls', options: { tls: 'starttls' }, messages: 2, says: /^STARTTLS$/ },
  {
    title: 'with STARTTLS to an IP address',
    via: 'starttls',
    options: { tls: 'starttls', host: '127.0.0.1' },
    messages: 1,
    says: /^STARTTLS$/,
  },
  { title: 'with implicit TLS', via: 'implicit', options: { tls: 'implicit' }, messages: 2, says: /^MAIL/ },
  {
    title: 'many at once on one connection',
    via: 'starttls',
    options: { tls: 'none' },
    messages: 12,
    says: /^(?:DATA|BDAT \d+ LAST)$/,
  },
  {
    title: 'many at once on five connections',
    via: 'starttls',
    options: { tls: 'none', pool: { connections: 5 } },
    messages: 20,
    says: /^MAIL/,
  },
]

/** Ways that lead to those that offer CHUNKING. */
export const chunkedWays: readonly Way[] = [
  {
    title: 'in chunks, where a message is large',
    via: 'chunking',
    options: { tls: 'none' },
    messages: 8,
    leastLines: 10_000,
    says: /^BDAT \d+ LAST$/,
  },
  {
    title: 'in chunks with a window of 16',
    via: 'chunking',
    options: { tls: 'none', pool: { connections: 1, window: 16 } },
    messages: 40,
    says: /^BDAT \d+ LAST$/,
  },
  {
    title: 'in chunks with a window of 16, encrypted',
    via: 'chunking',
    options: { tls: 'starttls', pool: { connections: 1, window: 16 } },
    messages: 40,
    says: /^BDAT \d+ LAST$/,
  },
]
