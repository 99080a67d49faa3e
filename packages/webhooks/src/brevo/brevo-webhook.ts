import { checkOptions, configError } from '@loudmail/core/transport'
import { jsonBody } from '../payload/json-body.ts'
import { readEvents } from '../payload/read-events.ts'
import {
  basicCredentials,
  bearerCredentials,
  headerCredentials,
  type BasicCredentials,
  type CheckCredentials,
} from '../signing/credentials.ts'
import { fingerprint } from '../signing/equal.ts'
import type { Secrets } from '../signing/secrets.ts'
import type { WebhookSource } from '../webhook-source.ts'
import { brevoNews } from './brevo-event.ts'

/** A token that Brevo sends. */
export interface BrevoToken {
  /** The token. Several while a new one replaces an old one. */
  readonly token: Secrets | undefined
  /** The header that has the token and nothing else. @default none: `Authorization: Bearer token` */
  readonly header?: string | undefined
}

/** The options of {@link brevoWebhook}: what the webhook at Brevo was made with. */
export type BrevoWebhookOptions = BrevoToken | BasicCredentials

/**
 * The webhooks of Brevo, one event or a batch. Brevo does not sign: it sends a token, or a user and a password. So this is
 * worth as much as the secret, and a request that was copied cannot be told from one that Brevo sends again.
 *
 * @throws MailError `config/missing-credentials` or `config/invalid-config`
 * @see https://developers.brevo.com/docs/secured-webhooks
 */
export function brevoWebhook(options: BrevoWebhookOptions): WebhookSource {
  const owner = 'brevoWebhook()'
  checkOptions<BrevoToken & BasicCredentials>(options as never, owner, {
    token: true,
    header: true,
    user: true,
    password: true,
  })
  const check = credentialsOf(owner, options)
  return {
    provider: 'Brevo',
    read(request, now) {
      check(request)
      const body = jsonBody(request)
      const events: readonly unknown[] = Array.isArray(body) ? body : [body]
      return { id: fingerprint(request.body), ...readEvents(events, (event) => brevoNews(event, now)) }
    },
  }
}

function credentialsOf(owner: string, options: BrevoWebhookOptions): CheckCredentials {
  if (!('token' in options)) return basicCredentials(owner, 'Brevo', options)
  if ('user' in options) throw configError(`${owner} needs a token, or user and password, not both`)
  const { token, header } = options
  return header === undefined
    ? bearerCredentials(owner, 'Brevo', token)
    : headerCredentials(owner, 'Brevo', { token, header })
}
