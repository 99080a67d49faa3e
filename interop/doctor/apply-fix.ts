import { toMessage } from '@loudmail/core/transport'
import { smtp, type SmtpOptions } from '@loudmail/smtp'
import { optionsFromUrl } from '@loudmail/smtp/probe'
import type { Proposal } from './doctor.ts'
import type { SetUp } from './set-up.ts'

/**
 * Does what a person does with a proposal: pastes it in, puts the password in its place, and sends.
 *
 * @param before the URL of the application
 * @returns what the server said
 */
export async function sendWith(
  { url, options = {} }: Proposal,
  before: string | undefined,
  secret: string,
  { from = 'ann@example.test', to = 'bob@inbox.test', fixedFrom = from, asks }: SetUp,
): Promise<string | undefined> {
  const start = url?.replace('PASSWORD', encodeURIComponent(secret)) ?? before
  const own = start === undefined ? {} : optionsFromUrl(start)
  const changed = filled(options, secret) as Record<string, unknown>
  const transport = smtp({ ...own, ...ofNodemailer(changed) } as SmtpOptions)
  const size = asks.includes('2mb') ? 2_000_000 : 10
  try {
    const message = toMessage({
      from: fixedFrom,
      to,
      subject: 'Hello',
      text: `${'x'.repeat(70)}\n`.repeat(size / 70 + 1),
    })
    return (await transport.send(message)).response
  } finally {
    await transport.close?.()
  }
}

function filled(value: unknown, secret: string): unknown {
  if (value === 'PASSWORD') return secret
  if (Array.isArray(value)) return value.map((each) => filled(each, secret))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, secret)]))
}

/** The options of nodemailer that the set-ups meet, as options of smtp(). */
function ofNodemailer(options: Record<string, unknown>): Record<string, unknown> {
  const { secure, requireTLS, ...rest } = options
  if (secure === undefined && requireTLS === undefined) return options
  return { ...rest, tls: secure === true ? 'implicit' : 'starttls' }
}
