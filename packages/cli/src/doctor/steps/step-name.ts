import type { MailError, Stage } from '@loudmail/core'

const NAMES: Partial<Record<Stage, string>> = {
  config: 'options',
  compose: 'message',
  dns: 'name look-up',
  connect: 'connection',
  tls: 'TLS',
  greeting: 'greeting',
  ehlo: 'EHLO',
  auth: 'log-in',
  'mail-from': 'MAIL FROM',
  'rcpt-to': 'RCPT TO',
}

/** The name of the step that failed, if nothing else tells it. */
export function stepName({ stage, kind }: Pick<MailError, 'stage' | 'kind'>): string {
  if (kind === 'proxy') return 'proxy'
  if (kind === 'starttls-not-offered') return 'STARTTLS'
  return NAMES[stage] ?? stage
}
