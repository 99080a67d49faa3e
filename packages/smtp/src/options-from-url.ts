import { configError, flagOf, readSmtpUrl } from '@loudmail/core/transport'
import type { SmtpOptions } from './options.ts'

const NUMBERS = new Set([
  'timeoutMs',
  'pool.connections',
  'pool.messagesPerConnection',
  'pool.idleMs',
  'pool.window',
])
const TEXTS = new Set(['name', 'partial', 'proxy', 'localAddress', 'auth.method', 'idempotencyHeader'])
const FLAGS = new Set(['pipelining', 'chunking'])
const KNOWN = ['tls', 'allowInsecureAuth', ...TEXTS, ...FLAGS, ...NUMBERS]

/**
 * Reads `smtp://`, `smtps://` and `lmtp://` URLs. Options are query parameters: `?tls=none&pool.window=16`.
 *
 * @throws MailError `config/invalid-config` that does not repeat the URL
 */
export function optionsFromUrl(text: string | URL): SmtpOptions {
  const { scheme, parameters, ...address } = readSmtpUrl(text)
  const options: Record<string, unknown> = { ...address, ...(scheme === 'lmtp' && { lmtp: true }) }
  for (const [name, value] of Object.entries(parameters)) setOption(options, name, valueOf(name, value))
  return options as unknown as SmtpOptions
}

function setOption(options: Record<string, unknown>, name: string, value: unknown): void {
  const [group, option] = name.split('.')
  if (option === undefined) options[name] = value
  else options[group!] = { ...(options[group!] as object), [option]: value }
}

function valueOf(name: string, value: string): unknown {
  if (name === 'idempotencyHeader' && value === 'false') return false
  if (TEXTS.has(name)) return value
  if (FLAGS.has(name)) return flagOf(value, name)
  if (!NUMBERS.has(name))
    throw configError(`the SMTP URL has a parameter that does not exist: expected one of ${KNOWN.join(', ')}`)
  if (value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value)
  throw configError(`the SMTP URL's parameter ${name} must be a number`)
}
