import { configError } from '@loudmail/core/transport'
import { hmac, isAnyEqual } from '../signing/equal.ts'
import { checkFresh } from '../signing/fresh.ts'
import { headerOf, unsigned, wrongSignature } from '../signing/header.ts'
import { secretsOf, type Secrets } from '../signing/secrets.ts'
import type { WebhookRequest } from '../webhook-source.ts'

/** What a right signature says of a request. */
export interface Signed {
  /** Names what is told: the same each time that it is told. */
  readonly id: string
  /** Names this one signature. */
  readonly once: string
}

/** The names of the headers: those of Svix, and those of the Standard Webhooks specification. */
const PREFIXES = ['svix', 'webhook'] as const

/** A hostile request may have many signatures. */
const MOST_SIGNATURES = 20

/**
 * The keys of secrets: base64, usually after `whsec_`.
 *
 * @throws MailError `config/missing-credentials` or `config/invalid-config`
 */
export function svixKeys(owner: string, name: string, secret: Secrets | undefined): readonly Buffer[] {
  return secretsOf(owner, name, secret).map((each) => {
    const base64 = each.replace(/^whsec_/, '')
    if (!/^[A-Za-z\d+/]{8,}={0,2}$/.test(base64))
      throw configError(
        `${owner} ${name} must be the signing secret of the webhook, which begins with whsec_`,
      )
    return Buffer.from(base64, 'base64')
  })
}

/**
 * Checks a signature of Svix: HMAC-SHA256 of `id.timestamp.body`.
 *
 * @throws WebhookError
 * @see https://docs.svix.com/receiving/verifying-payloads/how-manual
 */
export function checkSvix(
  request: WebhookRequest,
  provider: string,
  keys: readonly Uint8Array[],
  now: number,
  toleranceMs: number,
): Signed {
  const prefix = PREFIXES.find((each) => headerOf(request, `${each}-id`) !== undefined) ?? PREFIXES[0]
  const id = headerOf(request, `${prefix}-id`)
  const timestamp = headerOf(request, `${prefix}-timestamp`)
  const signatures = headerOf(request, `${prefix}-signature`)
  if (id === undefined || timestamp === undefined || signatures === undefined)
    throw unsigned(provider, `${prefix}-id, ${prefix}-timestamp and ${prefix}-signature`)
  const expected = keys.map((key) => `v1,${hmac(key, [`${id}.${timestamp}.`, request.body], 'base64')}`)
  const given = signatures.split(/\s+/).slice(0, MOST_SIGNATURES)
  if (!given.map((each) => isAnyEqual(each, expected)).includes(true))
    throw wrongSignature(provider, 'the secret')
  checkFresh(timestamp, now, toleranceMs)
  return { id, once: `${id} ${timestamp}` }
}
