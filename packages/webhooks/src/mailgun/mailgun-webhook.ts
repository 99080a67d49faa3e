import { checkOptions } from '@loudmail/core/transport'
import { fieldsOf, text, within, type Fields } from '../payload/fields.ts'
import { jsonBody, malformed } from '../payload/json-body.ts'
import { readEvents } from '../payload/read-events.ts'
import { hmac, isAnyEqual } from '../signing/equal.ts'
import { checkFresh, toleranceOf } from '../signing/fresh.ts'
import { unsigned, wrongSignature } from '../signing/header.ts'
import { secretsOf, type Secrets } from '../signing/secrets.ts'
import type { WebhookSource } from '../webhook-source.ts'
import { mailgunNews } from './mailgun-event.ts'

/** The options of {@link mailgunWebhook}. */
export interface MailgunWebhookOptions {
  /** The HTTP webhook signing key of the account: not an API key. Several while a new one replaces an old one. */
  readonly signingKey: Secrets | undefined
  /**
   * How old a signature may be, in ms, and how far ahead of the clock of this machine. Mailgun tries again for eight hours,
   * with the same signature. @default 32_400_000: nine hours
   */
  readonly toleranceMs?: number | undefined
}

/** Mailgun tries again after 5, 10 and 15 minutes, and after 1, 2 and 4 hours. */
const TOLERANCE_MS = 32_400_000

/**
 * The webhooks of Mailgun. Mailgun signs the time and a token that it uses once, and not what it tells: the token is what
 * keeps a stranger from putting other words beside a signature, so keep `seen` in a store that all processes share.
 *
 * @throws MailError `config/missing-credentials` or `config/invalid-config`
 * @see https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
 */
export function mailgunWebhook(options: MailgunWebhookOptions): WebhookSource {
  const owner = 'mailgunWebhook()'
  checkOptions(options, owner, { signingKey: true, toleranceMs: true })
  const keys = secretsOf(owner, 'signingKey', options.signingKey)
  const toleranceMs = toleranceOf(owner, options, TOLERANCE_MS)
  return {
    provider: 'Mailgun',
    read(request, now) {
      // The signature is in the body. Nothing but the signature is looked at until it is found to be right.
      const body = fieldsOf(jsonBody(request))
      if (!body) throw malformed('the body is not an object')
      const token = checkSignature(within(body, 'signature'), keys, now, toleranceMs)
      const event = within(body, 'event-data')
      if (!event) throw malformed('the body has no event-data')
      // Mailgun may use an id again on another day.
      const id = [text(event, 'id') ?? token, text(event, 'timestamp')].join(' ')
      return { id, once: token, ...readEvents([event], (fields) => mailgunNews(fields, id, now)) }
    },
  }
}

/** A subaccount signs with its own key, and with that of the account that it belongs to. */
const SIGNATURES = ['signature', 'parent-signature'] as const

/** @returns the token */
function checkSignature(
  signed: Fields | undefined,
  keys: readonly string[],
  now: number,
  toleranceMs: number,
): string {
  const timestamp = text(signed, 'timestamp')
  const token = text(signed, 'token')
  const given = SIGNATURES.map((name) => text(signed, name)).filter((each) => each !== undefined)
  if (timestamp === undefined || token === undefined || given.length === 0)
    throw unsigned('Mailgun', 'signature.timestamp, signature.token and signature.signature in the body')
  const expected = keys.map((key) => hmac(key, [timestamp, token], 'hex'))
  if (!given.map((each) => isAnyEqual(each.toLowerCase(), expected)).includes(true))
    throw wrongSignature('Mailgun', 'signingKey')
  // A digit that somebody moves from one to the other leaves the signature right, but it makes the time wrong.
  checkFresh(timestamp, now, toleranceMs)
  return token
}
