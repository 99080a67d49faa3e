import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** The webhook of a provider: its `WEBHOOK_SECRET`, and how it tells that the mailbox of an address does not exist. */
export interface Hook {
  readonly secret: string
  bounce(address: string): { readonly body: object; readonly headers: Record<string, string> }
}

const reply = '550 5.1.1 No such user here'
const token = 'hook-4711-word'
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const seconds = (): string => String(Math.floor(Date.now() / 1_000))

/** By the scheme of `MAIL_URL`. */
export const hooks: Readonly<Record<string, Hook>> = {
  brevo: {
    secret: token,
    bounce: (email) => ({
      body: { event: 'hard_bounce', email, id: 1, 'message-id': '<1@a.example>', ts_event: 1, reason: reply },
      headers: { authorization: `Bearer ${token}` },
    }),
  },
  mailgun: {
    secret: token,
    bounce: (recipient) => {
      const given = { timestamp: seconds(), token: randomBytes(25).toString('hex') }
      const signature = createHmac('sha256', token)
        .update(given.timestamp + given.token)
        .digest('hex')
      const status = { code: 550, message: reply, 'bounce-type': 'hard' }
      const event = { event: 'failed', severity: 'permanent', reason: 'bounce', 'delivery-status': status }
      const about = {
        id: 'a',
        timestamp: 1,
        recipient,
        message: { headers: { 'message-id': '1@a.example' } },
      }
      return {
        body: { signature: { ...given, signature }, 'event-data': { ...event, ...about } },
        headers: {},
      }
    },
  },
  postmark: {
    secret: token,
    bounce: (Email) => {
      const bounce = { RecordType: 'Bounce', Type: 'HardBounce', TypeCode: 1, Details: reply }
      const about = { ID: 1, MessageID: 'a', Email, BouncedAt: '2026-11-05T16:33:54Z' }
      return { body: { ...bounce, ...about }, headers: { 'x-webhook-secret': token } }
    },
  },
  resend: {
    secret: `whsec_${Buffer.from(token).toString('base64')}`,
    bounce: (address) => {
      const bounce = { type: 'Permanent', subType: 'General', message: reply }
      const data = { email_id: 'a', to: [address], bounce }
      const body = { type: 'email.bounced', created_at: '2026-11-22T23:41:12.126Z', data }
      const [id, time] = [`msg_${randomBytes(9).toString('hex')}`, seconds()]
      const signature = createHmac('sha256', token).update(`${id}.${time}.${JSON.stringify(body)}`)
      const headers = { 'svix-id': id, 'svix-timestamp': time }
      return { body, headers: { ...headers, 'svix-signature': `v1,${signature.digest('base64')}` } }
    },
  },
  sendgrid: {
    secret: pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    bounce: (email) => {
      const about = { email, timestamp: 1, sg_event_id: 'a', sg_message_id: 'b' }
      const body = [{ event: 'bounce', type: 'bounce', status: '5.1.1', reason: reply, ...about }]
      const time = seconds()
      const signature = sign('sha256', Buffer.from(time + JSON.stringify(body)), pair.privateKey)
      const name = 'x-twilio-email-event-webhook'
      return {
        body,
        headers: { [`${name}-signature`]: signature.toString('base64'), [`${name}-timestamp`]: time },
      }
    },
  },
}
