import { checkOptions, configError } from '../failure/config-error.ts'
import { discard } from './discard.ts'
import { failover } from './failover.ts'
import { MailError } from '../failure/mail-error.ts'
import { memory } from './memory.ts'
import { parseUrl, schemeSeen } from './parse-url.ts'
import { retry } from './retry.ts'
import type { Transport } from './transport.ts'

/** Creates a transport from a URL with this scheme. It may throw a configuration failure, which must not contain the URL. */
export type Scheme = (url: URL) => Transport

/** Schemes by name, without the colon: `{ smtp, smtps }`. Packages export their own. */
export type Schemes = Readonly<Record<string, Scheme>>

/** The options of {@link transportFromUrl}. */
export interface TransportUrlOptions {
  /** What a missing or empty URL means. @default 'throw' */
  readonly whenMissing?: 'throw' | 'discard'
}

const OWN_SCHEMES: Schemes = { memory: () => memory(), discard: () => discard() }

/**
 * Creates a transport from a URL, usually from an environment variable: `smtp://user:pass@host:587`, `memory:`,
 * `failover(smtp://a smtp://b)`, `retry(smtp://a)`. User and password must be percent-encoded.
 *
 * @throws MailError `config/invalid-config`, which does not contain the URL
 */
export function transportFromUrl(
  url: string | undefined,
  schemes: Schemes = {},
  options: TransportUrlOptions = {},
): Transport {
  checkOptions(options, 'transportFromUrl()', { whenMissing: true })
  const { whenMissing = 'throw' } = options
  if (whenMissing !== 'throw' && whenMissing !== 'discard')
    throw configError("whenMissing must be 'throw' or 'discard'")
  if (url === undefined || url === null || (typeof url === 'string' && url.trim() === '')) {
    if (whenMissing === 'discard') return discard()
    throw configError(
      `the transport URL is ${typeof url === 'string' ? 'empty' : 'missing'}: set the environment variable that it comes from, or pass { whenMissing: 'discard' } to send nothing on purpose`,
    )
  }
  if (typeof url !== 'string') throw configError('the transport URL must be a string')
  return fromExpression(url.trim(), { ...OWN_SCHEMES, ...schemes })
}

function fromExpression(text: string, schemes: Schemes): Transport {
  const call = /^([a-z]+)\((.*)\)$/s.exec(text)
  if (!call) return fromUrl(text, schemes)
  const inner = split(call[2]!).map((part) => fromExpression(part, schemes))
  if (call[1] === 'failover' && inner.length > 1) return failover(...inner)
  if (call[1] === 'retry' && inner.length === 1) return retry(inner[0]!)
  throw configError('expected failover(url url ...) or retry(url)')
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
  if (depth !== 0)
    throw configError(
      'the parentheses in the transport URL do not match: in a user name or a password, percent-encode them',
    )
  if (part) parts.push(part)
  return parts
}

function fromUrl(text: string, schemes: Schemes): Transport {
  const url = parseUrl(text, 'the transport URL')
  const name = url.protocol.slice(0, -1)
  const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined
  if (!scheme) {
    throw configError(
      `${schemeSeen(url, 'the transport URL')}, which is none of ${Object.keys(schemes).join(', ')}: check its spelling, or pass the schemes of its package`,
    )
  }
  try {
    return scheme(url)
  } catch (error) {
    // Other errors may contain the URL in their message, stack or cause.
    throw MailError.is(error) ? error : configError(`the ${name} transport could not be created from its URL`)
  }
}
