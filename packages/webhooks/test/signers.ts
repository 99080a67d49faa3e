import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import {
  brevoWebhook,
  mailgunWebhook,
  postmarkWebhook,
  resendWebhook,
  sendgridWebhook,
  type WebhookSource,
} from '../src/index.ts'

/** A request as a provider sends it. */
export interface SignedRequest {
  readonly headers: Record<string, string>
  readonly body: string
}

/** What a provider does, with what a test wants different. */
export interface Signing {
  /** In seconds. */
  readonly time?: number
  readonly id?: string
  readonly secret?: string
}

/** A provider: our source, and its signer, which is written from the documentation and shares no code with the source. */
export interface Provider {
  readonly source: () => WebhookSource
  readonly sign: (payload: unknown, signing?: Signing) => SignedRequest
  /** Everything that must not be seen anywhere. */
  readonly secrets: readonly string[]
}

const JSON_TYPE = { 'content-type': 'application/json' }

export const seconds = (): number => Math.floor(Date.now() / 1_000)

export const RESEND_SECRET = `whsec_${Buffer.from('a key that nobody may see').toString('base64')}`

export function signResend(payload: unknown, signing: Signing = {}, prefix = 'svix'): SignedRequest {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const { time = seconds(), id = `msg_${randomBytes(9).toString('hex')}`, secret = RESEND_SECRET } = signing
  const key = Buffer.from(secret.slice(6), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')
  return {
    body,
    headers: {
      ...JSON_TYPE,
      [`${prefix}-id`]: id,
      [`${prefix}-timestamp`]: String(time),
      [`${prefix}-signature`]: `v1,${signature}`,
    },
  }
}

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const strange = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const SENDGRID_KEY = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
export const OTHER_SENDGRID_KEY = strange.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
export const SENDGRID_PEM = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()

export function signSendgrid(payload: unknown, { time = seconds(), secret }: Signing = {}): SignedRequest {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const key = secret === undefined ? pair.privateKey : strange.privateKey
  const signature = sign('sha256', Buffer.from(`${time}${body}`), key).toString('base64')
  return {
    body,
    headers: {
      ...JSON_TYPE,
      'X-Twilio-Email-Event-Webhook-Signature': signature,
      'X-Twilio-Email-Event-Webhook-Timestamp': String(time),
    },
  }
}

export const MAILGUN_KEY = 'mailgun-key-that-nobody-may-see'

export function signMailgun(payload: unknown, signing: Signing = {}): SignedRequest {
  const { time = seconds(), id = randomBytes(25).toString('hex'), secret = MAILGUN_KEY } = signing
  const signature = createHmac('sha256', secret).update(`${time}${id}`).digest('hex')
  const signed = { timestamp: String(time), token: id, signature }
  return { body: JSON.stringify({ signature: signed, 'event-data': payload }), headers: JSON_TYPE }
}

export const POSTMARK = { user: 'shop', password: 'postmark-password-unseen' }

export function signPostmark(payload: unknown, { secret = POSTMARK.password }: Signing = {}): SignedRequest {
  const authorization = `Basic ${Buffer.from(`${POSTMARK.user}:${secret}`).toString('base64')}`
  return { body: JSON.stringify(payload), headers: { ...JSON_TYPE, authorization } }
}

export const BREVO_TOKEN = 'brevo-token-that-nobody-may-see'

export function signBrevo(payload: unknown, { secret = BREVO_TOKEN }: Signing = {}): SignedRequest {
  return { body: JSON.stringify(payload), headers: { ...JSON_TYPE, authorization: `Bearer ${secret}` } }
}

export const PROVIDERS: Readonly<Record<string, Provider>> = {
  Resend: {
    source: () => resendWebhook({ secret: RESEND_SECRET }),
    sign: signResend,
    secrets: [RESEND_SECRET, RESEND_SECRET.slice(6), 'a key that nobody may see'],
  },
  SendGrid: {
    source: () => sendgridWebhook({ publicKey: SENDGRID_KEY }),
    sign: (payload, signing) => signSendgrid(Array.isArray(payload) ? payload : [payload], signing),
    secrets: [SENDGRID_KEY],
  },
  Mailgun: {
    source: () => mailgunWebhook({ signingKey: MAILGUN_KEY }),
    sign: signMailgun,
    secrets: [MAILGUN_KEY],
  },
  Postmark: {
    source: () => postmarkWebhook(POSTMARK),
    sign: signPostmark,
    secrets: [POSTMARK.password, Buffer.from(`${POSTMARK.user}:${POSTMARK.password}`).toString('base64')],
  },
  Brevo: {
    source: () => brevoWebhook({ token: BREVO_TOKEN }),
    sign: signBrevo,
    secrets: [BREVO_TOKEN],
  },
}
