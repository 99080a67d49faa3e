import { mailboxKey } from '@loudmail/core/transport'
import type { Address, Message } from '@loudmail/core'
import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { kindOfStatus } from '../api/by-status.ts'
import type { Refusal, RefusedRecipient } from '../api/provider-api.ts'
import { recipientsOf } from '../api/recipients.ts'
import { byRules, type Rule } from '../api/rules.ts'

const PERMISSION =
  'Give the API key the permission Mail Send, at app.sendgrid.com under Settings > API Keys. A changed key stays the same.'
const ALLOWED_ADDRESS =
  'Allow the IP address of this machine, at app.sendgrid.com under Settings > IP Access Management.'

/**
 * SendGrid has no codes, only texts.
 *
 * @see https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/errors
 * @see https://support.sendgrid.com/hc/en-us/articles/18322114821403-4XX-API-Errors-and-Troubleshooting-Suggestions
 */
const RULES: readonly Rule[] = [
  {
    status: [401, 403],
    says: /maximum credits exceeded/i,
    kind: 'account-blocked',
    hint: 'The credits of the account are used up. Wait until they are renewed, or choose a larger plan: app.sendgrid.com, Settings > Account Details > Your Products.',
  },
  { status: [401, 403], says: /\bip address\b.*\bnot\b/i, kind: 'policy', hint: ALLOWED_ADDRESS },
  { status: 401, says: /not authorized/i, kind: 'policy', hint: PERMISSION },
  {
    status: 401,
    kind: 'bad-credentials',
    hint: 'Create an API key at app.sendgrid.com under Settings > API Keys, and check that all of it was copied. It begins with `SG.`.',
  },
  {
    status: [400, 403],
    says: /verified sender identity|from address does not match/i,
    kind: 'sender-not-owned',
    hint: 'Verify the address in `from`, or authenticate its domain, at app.sendgrid.com under Settings > Sender Authentication.',
  },
  {
    status: 403,
    says: /too many bad requests|temporar/i,
    kind: 'policy',
    permanence: 'transient',
    hint: 'SendGrid blocks this account for a while, after many requests that were wrong. Repair those first.',
  },
  { status: 403, kind: 'policy', hint: `${PERMISSION} ${ALLOWED_ADDRESS}` },
  {
    status: 400,
    says: /limit of 1,?000 (?:total )?recipients/i,
    kind: 'too-many-recipients',
    permanence: 'permanent',
    hint: 'A message to SendGrid has at most 1,000 recipients in `to`, `cc` and `bcc` together. Send several messages.',
  },
  { status: 400, kind: 'invalid-message' },
  {
    status: [404, 405],
    kind: 'invalid-config',
    hint: 'Check the option `url`: the API is at https://api.sendgrid.com, or with `region: "eu"` at https://api.eu.sendgrid.com.',
  },
  {
    status: 413,
    kind: 'message-too-large',
    hint: 'A message to SendGrid has less than 30 MB, attachments in base64 included. Send a link instead of the file.',
  },
  { status: 429, kind: 'rate-limited' },
  {
    status: 451,
    kind: 'policy',
    hint: 'The account may not use SendGrid in this region. Set `region: "eu"` for a subuser in the EU, and leave it out for others.',
  },
]

/** What a negative answer of SendGrid means. */
export function sendgridRefusal(answer: Answer, message: Message | undefined): Refusal {
  const errors = errorsOf(answer)
  const said = errors.map(({ text }) => text).join('; ')
  const words = textOf(said) ?? (answer.json === undefined ? undefined : answer.text)
  const refusal = byRules(RULES, answer, undefined, words) ?? { kind: kindOfStatus(answer.status), words }
  const recipients = refusal.kind === 'invalid-message' ? namedRecipients(errors, message) : []
  return {
    ...refusal,
    ...(recipients.length > 0 && { recipients }),
    ...(answer.status === 429 && { retryAfterMs: untilReset(answer) }),
  }
}

interface SendgridError {
  readonly field: string | undefined
  /** What SendGrid says, and about which field. */
  readonly text: string
}

/** `{ "errors": [{ "message": "...", "field": "from.email", "help": null }] }` */
function errorsOf({ json }: Answer): SendgridError[] {
  const { errors } = fieldsOf(json)
  if (!Array.isArray(errors)) return []
  return errors.map((each: unknown) => {
    const fields = fieldsOf(each)
    const field = textOf(fields.field)
    const said = [textOf(fields.message), field && `(${field})`, textOf(fields.help)]
    return { field, text: said.filter(Boolean).join(' ') }
  })
}

/** The recipients whose addresses are refused, if SendGrid refuses nothing else: `personalizations.0.to.1.email`. */
function namedRecipients(
  errors: readonly SendgridError[],
  message: Message | undefined,
): readonly RefusedRecipient[] {
  if (!message || message.raw) return []
  const lists: Readonly<Record<string, readonly Address[]>> = { ...recipientsOf(message, 'SendGrid') }
  const named = new Map<string, RefusedRecipient>()
  for (const { field = '', text } of errors) {
    const [, list = '', index] = /^personalizations\.0\.(to|cc|bcc)\.(\d+)\.email$/.exec(field) ?? []
    const address = lists[list]?.[Number(index)]?.address
    if (address === undefined) return []
    named.set(mailboxKey(address), { address, kind: 'invalid-address', words: text })
  }
  return [...named.values()]
}

/** Until when the rate limit holds, in seconds since 1970: it stands beside Retry-After, or alone. */
function untilReset({ headers }: Answer): number | undefined {
  if (headers.has('retry-after')) return undefined
  const reset = headers.get('x-ratelimit-reset') ?? ''
  if (!/^\d{1,12}$/.test(reset)) return undefined
  return Number(reset) * 1_000 - Date.now()
}
