import { checkOptions } from '@loudmail/core/transport'
import { jsonBody, malformed } from '../payload/json-body.ts'
import { fieldsOf } from '../payload/fields.ts'
import { readEvents } from '../payload/read-events.ts'
import { toleranceOf, type FreshOptions } from '../signing/fresh.ts'
import type { Secrets } from '../signing/secrets.ts'
import type { WebhookSource } from '../webhook-source.ts'
import { resendNews } from './resend-event.ts'
import { checkSvix, svixKeys } from './svix.ts'

/** The options of {@link resendWebhook}. */
export interface ResendWebhookOptions extends FreshOptions {
  /** The signing secret of the webhook, which begins with `whsec_`. Several while a new one replaces an old one. */
  readonly secret: Secrets | undefined
}

/**
 * The webhooks of Resend, signed as Svix and the Standard Webhooks specification do.
 *
 * @throws MailError `config/missing-credentials` or `config/invalid-config`
 * @see https://resend.com/docs/webhooks/event-types
 */
export function resendWebhook(options: ResendWebhookOptions): WebhookSource {
  const owner = 'resendWebhook()'
  checkOptions(options, owner, { secret: true, toleranceMs: true })
  const keys = svixKeys(owner, 'secret', options.secret)
  const toleranceMs = toleranceOf(owner, options)
  return {
    provider: 'Resend',
    read(request, now) {
      const { id, once } = checkSvix(request, 'Resend', keys, now, toleranceMs)
      const event = jsonBody(request)
      if (!fieldsOf(event)) throw malformed('the body is not an object')
      return { id, once, ...readEvents([event], (fields) => resendNews(fields, id, now)) }
    },
  }
}
