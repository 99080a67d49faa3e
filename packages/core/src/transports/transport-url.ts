import { checkOptions, configError } from '../failure/config-error.ts'
import { discard } from './discard.ts'
import { failover } from './failover.ts'
import { MailError } from '../failure/mail-error.ts'
import { memory } from './memory.ts'
import { retry } from './retry.ts'
import type { Transport } from './transport.ts'

/** Makes a transport from a URL of one scheme, or throws a configuration failure that does not repeat the URL. */
export type Scheme = (url: URL) => Transport

/** Schemes by name, without the colon: `{ smtp, smtps }`. Packages export theirs. */
export type Schemes = Readonly<Record<string, Scheme>>

export interface TransportUrlOptions {
  /** What a missing or empty URL means. @default 'throw' */
  readonly whenMissing?: 'throw' | 'discard'
}

const OWN_SCHEMES: Schemes = { memory: () => memory(), discard: () => discard() }

/**
 * Makes a transport from a URL, usually an environment variable: `smtp://user:pass@host:587`, `memory:`,
 * `failover(smtp://a smtp://b)`, `retry(smtp://a)`. User and password are percent-encoded.
 *
 * @throws MailError `config/invalid-config`; nothing in it repeats the URL
 */
export function transportFromUrl(
  url: string | undefined,
  schemes: Schemes = {},
  options: TransportUrlOptions = {},
): Transport {
  checkOptions(options, 'transportFromUrl()', ['whenMissing'])
  const { whenMissing = 'throw' } = options
  if (whenMissing !== 'throw' && whenMissing !== 'discard')
    throw configError("whenMissing is neither 'throw' nor 'discard'")
  if (url === undefined || url === null || (typeof url === 'string' && url.trim() === '')) {
    if (whenMissing === 'discard') return discard()
    throw configError(
      "the transport URL is missing: set the environment variable it comes from, or say { whenMissing: 'discard' } to send nothing on purpose",
    )
  }
  if (typeof url !== 'string') throw configError('the transport URL is not a string')
  return fromExpression(url.trim(), { ...OWN_SCHEMES, ...schemes })
}

function fromExpression(text: string, schemes: Schemes): Transport {
  const call = /^([a-z]+)\((.*)\)$/s.exec(text)
  if (!call) return fromUrl(text, schemes)
  const inner = split(call[2]!).map((part) => fromExpression(part, schemes))
  if (call[1] === 'failover' && inner.length > 1) return failover(...inner)
  if (call[1] === 'retry' && inner.length === 1) return retry(inner[0]!)
  throw configError('around transport URLs stand failover(a b), with two or more, or retry(a), with one')
}

/** Splits at white space outside parentheses. */
function split(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of text) {
    if (character === '(') depth++
    else if (character === ')') depth--
    if (depth < 0) break
    if (depth === 0 && /\s/.test(character)) {
      if (part) parts.push(part)
      part = ''
    } else part += character
  }
  if (depth !== 0) throw configError('the parentheses in the transport URL do not match')
  if (part) parts.push(part)
  return parts
}

function fromUrl(text: string, schemes: Schemes): Transport {
  const url = parse(text)
  const name = url.protocol.slice(0, -1)
  const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined
  if (!scheme) {
    throw configError(
      `the scheme of the transport URL is not among ${Object.keys(schemes).join(', ')}: pass the schemes of its package`,
    )
  }
  try {
    return scheme(url)
  } catch (error) {
    // Another error may repeat the URL in its message, stack or cause.
    throw MailError.is(error) ? error : configError(`the ${name} transport could not be made from its URL`)
  }
}

function parse(text: string): URL {
  // `new URL` puts its input into the error, so that error is not kept.
  if (URL.canParse(text)) return new URL(text)
  throw configError(
    'the transport URL cannot be read: it looks like smtp://mail.example.com:587; user and password before an @ are percent-encoded (encodeURIComponent), the port is at most 65535',
  )
}
