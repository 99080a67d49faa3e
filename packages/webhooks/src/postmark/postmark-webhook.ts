import { checkOptions, configError } from '@loudmail/core/transport'
import { fieldsOf } from '../payload/fields.ts'
import { jsonBody, malformed } from '../payload/json-body.ts'
import { readEvents } from '../payload/read-events.ts'
import {
  basicCredentials,
  headerCredentials,
  type BasicCredentials,
  type HeaderCredentials,
} from '../signing/credentials.ts'
import { fingerprint } from '../signing/equal.ts'
import type { WebhookSource } from '../webhook-source.ts'
import { postmarkNews } from './postmark-event.ts'

/** The options of {@link postmarkWebhook}: what the webhook at Postmark was set up with. */
export type PostmarkWebhookOptions = BasicCredentials | HeaderCredentials

/**
 * The webhooks of Postmark. Postmark does not sign: it sends a user and a password, or a header of your own. So this is
 * worth as much as the secret, and a request that was copied cannot be told from one that Postmark sends again.
 *
 * @throws MailError `config/missing-credentials` or `config/invalid-config`
 * @see https://postmarkapp.com/developer/webhooks/webhooks-overview
 */
export function postmarkWebhook(options: PostmarkWebhookOptions): WebhookSource {
  const owner = 'postmarkWebhook()'
  checkOptions<BasicCredentials & HeaderCredentials>(options as never, owner, {
    user: true,
    password: true,
    token: true,
    header: true,
  })
  if ('user' in options && 'token' in options)
    throw configError(`${owner} needs user and password, or token and header, not both`)
  const check =
    'token' in options
      ? headerCredentials(owner, 'Postmark', options)
      : basicCredentials(owner, 'Postmark', options)
  return {
    provider: 'Postmark',
    read(request, now) {
      check(request)
      const event = jsonBody(request)
      if (!fieldsOf(event)) throw malformed('the body is not an object')
      const id = fingerprint(request.body)
      return { id, ...readEvents([event], (fields) => postmarkNews(fields, id, now)) }
    },
  }
}
