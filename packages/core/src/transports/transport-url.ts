import { checkOptions, configError } from '../failure/config-error.ts'
import { discard } from './discard.ts'
import { MailError } from '../failure/mail-error.ts'
import { memory } from './memory.ts'
import { parseUrl, schemeSeen } from './parse-url.ts'
import { readWrapper } from './read-wrapper.ts'
import type { Transport } from './transport.ts'

/** Creates a transport from a URL with this scheme. It may throw a configuration failure, which must not contain the URL. */
export interface Scheme {
  (url: URL): Transport
  /** Its URLs may end after the credentials, as `resend://key@`: the host of such a URL is `default`. @default false */
  readonly hostless?: boolean | undefined
}

/** Schemes by name, without the colon: `{ smtp, smtps }`. Packages export their own. */
export type Schemes = Readonly<Record<string, Scheme>>

/** The options of {@link transportFromUrl}. */
export interface TransportUrlOptions {
  /** What a missing or empty URL means. @default 'throw' */
  readonly whenMissing?: 'throw' | 'discard' | undefined
}

const OWN_SCHEMES: Schemes = { memory: () => memory(), discard: () => discard() }

/**
 * Creates a transport from a URL, usually from an environment variable: `smtp://user:pass@host:587`, `memory:`,
 * `retry(smtp://a)`, `failover(smtp://a smtp://b)?skipMs=5000`. User and password must be percent-encoded.
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
  const wrapper = readWrapper(text)
  if (!wrapper) return fromUrl(text, schemes)
  const { form, inner, options } = wrapper
  return form.create(
    inner.map((part) => fromExpression(part, schemes)),
    options,
  )
}

function fromUrl(text: string, schemes: Schemes): Transport {
  const url = parseUrl(withHost(text, schemes), 'the transport URL')
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

/** A URL that ends after its credentials cannot be parsed. */
function withHost(text: string, schemes: Schemes): string {
  const [before, name] = /^([a-z][a-z\d+.-]*):\/\/[^/?#]*@(?=$|[/?#])/i.exec(text) ?? []
  const scheme = name?.toLowerCase()
  if (before === undefined || scheme === undefined || !Object.hasOwn(schemes, scheme)) return text
  return schemes[scheme]!.hostless ? `${before}default${text.slice(before.length)}` : text
}
