import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { checkOptions, configError } from '@loudmail/core/transport'
import { jsonBody, malformed } from '../payload/json-body.ts'
import { readEvents } from '../payload/read-events.ts'
import { fingerprint } from '../signing/equal.ts'
import { checkFresh, toleranceOf, type FreshOptions } from '../signing/fresh.ts'
import { headerOf, unsigned, wrongSignature } from '../signing/header.ts'
import { secretsOf, type Secrets } from '../signing/secrets.ts'
import type { WebhookSource } from '../webhook-source.ts'
import { sendgridNews } from './sendgrid-event.ts'

/** The options of {@link sendgridWebhook}. */
export interface SendgridWebhookOptions extends FreshOptions {
  /**
   * The verification key that SendGrid shows for the signed event webhook: base64, or PEM. Several while a new one replaces
   * an old one.
   */
  readonly publicKey: Secrets | undefined
}

const SIGNATURE = 'X-Twilio-Email-Event-Webhook-Signature'
const TIMESTAMP = 'X-Twilio-Email-Event-Webhook-Timestamp'

/**
 * The signed event webhook of SendGrid: ECDSA with P-256 and SHA-256 over the time and the body.
 *
 * @throws MailError `config/missing-credentials` or `config/invalid-config`
 * @see https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
 */
export function sendgridWebhook(options: SendgridWebhookOptions): WebhookSource {
  const owner = 'sendgridWebhook()'
  checkOptions(options, owner, { publicKey: true, toleranceMs: true })
  const keys = secretsOf(owner, 'publicKey', trimmed(options.publicKey)).map((key) => publicKey(owner, key))
  const toleranceMs = toleranceOf(owner, options)
  return {
    provider: 'SendGrid',
    read(request, now) {
      const signature = headerOf(request, SIGNATURE.toLowerCase())
      const timestamp = headerOf(request, TIMESTAMP.toLowerCase())
      if (signature === undefined || timestamp === undefined)
        throw unsigned('SendGrid', `${SIGNATURE} and ${TIMESTAMP}`)
      const signed = Buffer.concat([Buffer.from(timestamp), request.body])
      const given = Buffer.from(signature, 'base64')
      if (!keys.map((key) => verify('sha256', signed, key, given)).includes(true))
        throw wrongSignature('SendGrid', 'publicKey')
      checkFresh(timestamp, now, toleranceMs)
      const events = jsonBody(request)
      if (!Array.isArray(events)) throw malformed('the body is not a list of events')
      return {
        id: fingerprint(request.body),
        once: `${timestamp} ${firstNumber(given)}`,
        ...readEvents(events, (event) => sendgridNews(event, now)),
      }
    },
  }
}

/**
 * The first of the two numbers of a signature (in DER: two integers in a sequence). SendGrid draws it anew each time that it
 * signs. The second one is of no use here: anybody can put another in its place, and the signature is still right.
 */
function firstNumber(signature: Buffer): string {
  return signature.toString('hex', 4, 4 + signature[3]!)
}

/** A PEM file ends with a line end. */
function trimmed(keys: unknown): unknown {
  const trim = (key: unknown): unknown => (typeof key === 'string' ? key.trim() : key)
  return Array.isArray(keys) ? keys.map(trim) : trim(keys)
}

function publicKey(owner: string, text: string): KeyObject {
  const key = readKey(text)
  if (key?.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw configError(
      `${owner} publicKey must be the verification key that SendGrid shows, a public key of the curve P-256`,
    )
  return key
}

function readKey(text: string): KeyObject | undefined {
  try {
    return text.startsWith('-----BEGIN PUBLIC KEY-----')
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
