import { MailError } from '@loudmail/core'
import { checkOptions, configError, isLoopback, toMessage } from '@loudmail/core/transport'
import { checkedSubscription, type Subscription, type SubscriptionInput } from './subscription.ts'
import { readToken, writeToken } from './token.ts'

/** The options of {@link UnsubscribeLinks}. */
export interface UnsubscribeLinksOptions {
  /**
   * Where the handler answers, such as `https://example.com/unsubscribe`: `https`, or `http` for localhost, at most 200
   * characters. A query in it is kept.
   */
  readonly url: string | URL
  /**
   * At least 32 characters at random, such as `openssl rand -base64 32` prints. Of several, the first one signs and all are
   * valid: put a new one in front, and keep the old one for as long as its links must work. An environment variable that is
   * not set fails.
   */
  readonly secret: string | readonly string[] | undefined
  /** An address or a `mailto:` URL that takes requests by mail. @default none */
  readonly mailto?: string | undefined
}

/** What a message takes as `listUnsubscribe`. */
export interface UnsubscribeLink {
  /** The link with its token, for the header and for the text of the message. It never expires. */
  readonly url: string
  /** Where requests by mail go. */
  readonly mailto?: string | undefined
  /** The address that it unsubscribes, and the only one that the message may go to. */
  readonly address: string
}

const PARAMETER = 'token'
const LEAST_SECRET = 32
/** With a token and the name of a header field, it must fit on a line. */
const MOST_URL = 200

/**
 * Makes links that unsubscribe one address from one list, and reads them. A link is signed with HMAC-SHA256, so nothing has to
 * be stored, and nobody can make one for somebody else.
 */
export class UnsubscribeLinks {
  readonly #url: URL
  readonly #secrets: readonly [string, ...string[]]
  readonly #mailto: string | undefined

  /** @throws MailError `config/invalid-config`, or `config/missing-credentials` without a secret */
  constructor(options: UnsubscribeLinksOptions) {
    checkOptions(options, 'UnsubscribeLinks', { url: true, secret: true, mailto: true })
    this.#url = checkedUrl(options.url)
    this.#secrets = checkedSecrets(options.secret)
    this.#mailto = options.mailto
    if (options.mailto !== undefined) checkMailto(options.mailto)
  }

  /** Where the handler answers, without a token. */
  get url(): string {
    return this.#url.href
  }

  /**
   * A link for one address and one list, as a message takes it: `listUnsubscribe: links.link({ address, list })`.
   *
   * @throws MailError `compose/invalid-address`, or `compose/invalid-message` if the name of the list cannot be used
   */
  link(subscription: SubscriptionInput): UnsubscribeLink {
    const checked = checkedSubscription(subscription)
    const url = new URL(this.#url)
    url.searchParams.set(PARAMETER, writeToken(checked, this.#secrets[0]))
    return {
      url: url.href,
      ...(this.#mailto !== undefined && { mailto: this.#mailto }),
      address: checked.address,
    }
  }

  /**
   * Whom a link unsubscribes, and from what: undefined if it was not made with one of the secrets, was cut off, or was changed.
   *
   * @param link a whole URL, or its path with its query, as a request has it
   */
  read(link: string): Subscription | undefined {
    const [, query = ''] = link.split(/\?(.*)/s, 2)
    const tokens = new URLSearchParams(query.split('#', 1)[0]).getAll(PARAMETER)
    return tokens.length === 1 ? readToken(tokens[0], this.#secrets) : undefined
  }
}

function checkedUrl(given: string | URL): URL {
  const url = URL.parse(String(given))
  const isHttp = url?.protocol === 'http:' && isLoopback(url.hostname.replaceAll(/[[\]]/g, ''))
  if (!url || (url.protocol !== 'https:' && !isHttp))
    throw configError('UnsubscribeLinks url must be an https URL; http is only for localhost (RFC 8058)')
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw configError('UnsubscribeLinks url must have no user, no password and no fragment')
  if (url.searchParams.has(PARAMETER))
    throw configError(
      `UnsubscribeLinks url must not have the parameter ${PARAMETER}: the token gets that name`,
    )
  if (url.href.length > MOST_URL)
    throw configError(`UnsubscribeLinks url has room for ${MOST_URL} characters`)
  return url
}

function checkedSecrets(given: string | readonly string[] | undefined): [string, ...string[]] {
  const secrets: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (secrets.length === 0 || secrets.some((secret) => secret === undefined || secret === ''))
    throw new MailError({
      stage: 'config',
      kind: 'missing-credentials',
      summary: 'UnsubscribeLinks secret is missing or empty',
      hint: 'Set it to at least 32 characters at random, such as `openssl rand -base64 32` prints, and check that the environment variable it comes from is set.',
    })
  if (!secrets.every((secret) => typeof secret === 'string' && secret.length >= LEAST_SECRET))
    throw configError(
      `UnsubscribeLinks secret must have at least ${LEAST_SECRET} characters at random, such as \`openssl rand -base64 32\` prints`,
    )
  return secrets as [string, ...string[]]
}

/** Fails now, and not with the first message. */
function checkMailto(mailto: string): void {
  const address = 'a@example.com'
  try {
    toMessage({ from: address, to: address, subject: '', listUnsubscribe: { mailto } })
  } catch (error) {
    throw configError(
      `UnsubscribeLinks mailto is not valid: ${MailError.is(error) ? error.summary : String(error)}`,
    )
  }
}
