import { X509Certificate, type KeyObject } from 'node:crypto'
import { WebhookError } from '../webhook-error.ts'
import { askSns, type SnsAccess } from './sns-fetch.ts'
import { isCertificateUrl } from './sns-host.ts'

/** Amazon SNS changes its certificate about once a year. */
const MOST_CERTIFICATES = 16
/** No weaker key is believed, in bits. */
const LEAST_BITS = 2_048

/** The keys that Amazon SNS signs with. Each certificate is fetched once, and kept until it expires. */
export class SnsKeys {
  readonly #access: SnsAccess
  readonly #certificates = new Map<string, X509Certificate>()
  readonly #fetching = new Map<string, Promise<X509Certificate>>()

  constructor(access: SnsAccess) {
    this.#access = access
  }

  /**
   * The key of a certificate that is valid now.
   *
   * @throws WebhookError `signature` if it is not a certificate of Amazon SNS
   * @throws Error if Amazon SNS does not answer
   */
  async key(url: string, now: number): Promise<KeyObject> {
    if (!isCertificateUrl(url)) throw notOfSns('the certificate is not on a server of Amazon SNS')
    const certificate = await this.#certificate(url)
    if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo))
      throw notOfSns('the certificate is not valid now')
    return certificate.publicKey
  }

  async #certificate(url: string): Promise<X509Certificate> {
    const known = this.#certificates.get(url) ?? this.#fetching.get(url)
    if (known) return known
    const fetching = this.#fetch(url)
    this.#fetching.set(url, fetching)
    try {
      const certificate = await fetching
      this.#keep(url, certificate)
      return certificate
    } finally {
      this.#fetching.delete(url)
    }
  }

  /** Only what Amazon SNS has: names that strangers make up must not push it out. */
  #keep(url: string, certificate: X509Certificate): void {
    this.#certificates.set(url, certificate)
    for (const oldest of this.#certificates.keys()) {
      if (this.#certificates.size <= MOST_CERTIFICATES) break
      this.#certificates.delete(oldest)
    }
  }

  async #fetch(url: string): Promise<X509Certificate> {
    const { status, body } = await askSns(this.#access, url, 'its certificate')
    if (status === 429 || status >= 500)
      throw new Error(`Amazon SNS answered with ${status} instead of its certificate`)
    if (status !== 200 || body === undefined) throw notOfSns('there is no such certificate')
    let certificate: X509Certificate
    try {
      certificate = new X509Certificate(body)
    } catch {
      throw notOfSns('there is no such certificate')
    }
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
    if (asymmetricKeyType !== 'rsa' || (asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_BITS)
      throw notOfSns('the key of the certificate is not one of Amazon SNS')
    return certificate
  }
}

/** @throws WebhookError `signature` */
export function notOfSns(summary: string): WebhookError {
  return new WebhookError(
    'signature',
    summary,
    'Only Amazon SNS may call this address. If this was Amazon SNS, check topicArn and the clock of this machine. The body must reach the handler as it was sent.',
  )
}
