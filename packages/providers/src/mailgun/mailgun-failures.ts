import { parseRetryAfter } from '@loudmail/core/transport'
import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import type { Refusal } from '../api/provider-api.ts'
import { byRules, type Rule } from '../api/rules.ts'

const KEY =
  'Copy the key from "API security" in the control panel, or the sending key of the domain. For a domain in the EU, set `region` to `eu`.'
const ACCOUNT =
  'Look at the state of the account and of the domain in the control panel of Mailgun, or ask their support.'

/**
 * Mailgun has no codes: its page lists the statuses, and the words say the rest.
 *
 * @see https://documentation.mailgun.com/docs/mailgun/quickstart-guide/responses
 */
const RULES: readonly Rule[] = [
  { status: 401, kind: 'bad-credentials', hint: KEY },
  {
    says: /not allowed to send[^]*(?:limit exceeded|too fast|too many)/i,
    status: [400, 403, 420, 429],
    kind: 'rate-limited',
    hint: `Mailgun limits how much a new or a small account sends. Send more slowly. ${ACCOUNT}`,
  },
  {
    says: /not allowed to send[^]*(?:account|domain) (?:is )?(?:disabled|inactiv|suspended|closed)/i,
    status: [400, 402, 403],
    kind: 'account-blocked',
    hint: ACCOUNT,
  },
  {
    says: /sandbox|for test purposes|authorized recipients/i,
    status: [400, 403],
    kind: 'policy',
    hint: 'A sandbox domain sends only to the authorized recipients that the control panel lists. Add the address there, or a domain of your own.',
  },
  {
    says: /IP \S+ can't be used/i,
    status: [400, 403],
    kind: 'policy',
    hint: 'Use an IP address of your account in `transportData.mailgun.sendingIp`, or none.',
  },
  {
    says: /large batches/i,
    status: [400, 403],
    kind: 'policy',
    hint: 'The domain is new. Send to fewer recipients at a time, or ask the support of Mailgun.',
  },
  {
    says: /activate your/i,
    status: [400, 403],
    kind: 'policy',
    hint: 'Activate the account with the link in the message that Mailgun sent when it was opened.',
  },
  {
    says: /not allowed to send|domain is unverified/i,
    status: [400, 403],
    kind: 'policy',
    hint: 'Open the domain in the control panel of Mailgun, and add the DNS records that it shows.',
  },
  {
    status: 402,
    kind: 'account-blocked',
    hint: 'Look at the plan and the bills in the control panel of Mailgun.',
  },
  { status: 403, kind: 'bad-credentials', hint: `The key has no access to this domain. ${KEY}` },
  {
    status: 400,
    says: /too many recipients/i,
    kind: 'too-many-recipients',
    permanence: 'permanent',
    hint: 'Send to at most 1,000 recipients at a time.',
  },
  {
    status: 400,
    says: /too large|exceed[^]*size|size[^]*exceed/i,
    kind: 'message-too-large',
    hint: 'A message at Mailgun has at most 25 MB with its attachments encoded. Send a link in place of a large file.',
  },
  {
    status: 400,
    says: /16 ?kb/i,
    kind: 'invalid-message',
    hint: 'Tags, metadata and options have at most 16 KB together.',
  },
  {
    status: 400,
    says: /deliver(?:y ?)?time|schedul/i,
    kind: 'invalid-message',
    hint: 'A message can be scheduled at most 3 days ahead, or 7 with plans that store messages for 7 days.',
  },
  { status: 400, kind: 'invalid-message' },
  {
    status: 413,
    kind: 'message-too-large',
    hint: 'A message at Mailgun has at most 25 MB with its attachments encoded.',
  },
  {
    status: 429,
    kind: 'rate-limited',
    hint: 'Send more slowly, or ask the support of Mailgun for a higher limit.',
  },
]

const NOT_FOUND =
  'Check the option `domain`, and that the domain is in the region of the option `region`: `us` or `eu`.'

/** What a negative answer of Mailgun means. */
export function mailgunRefusal(answer: Answer): Refusal | undefined {
  const words = textOf(fieldsOf(answer.json).message) ?? textOf(answer.text)
  if (answer.status === 404) {
    // Its page: a domain that is new may not be known everywhere yet. Without JSON, nothing answers under this URL.
    const isDomain = !answer.isWhole || answer.json !== undefined || /domain/i.test(words ?? '')
    return {
      kind: 'invalid-config',
      permanence: isDomain ? 'transient' : 'permanent',
      words,
      hint: isDomain
        ? `${NOT_FOUND} A new domain is known everywhere after some minutes.`
        : `${NOT_FOUND} Check the option \`url\`.`,
    }
  }
  const refusal = byRules(RULES, answer, undefined, words)
  return refusal?.kind === 'rate-limited' ? { ...refusal, retryAfterMs: waitOf(answer, words) } : refusal
}

/** From Retry-After, or from the words: `try again after Mon, 20 Dec 2021 20:33:21 UTC`. */
function waitOf({ headers }: Answer, words = ''): number | undefined {
  const [, date] = /try again after (.*?) UTC/i.exec(words) ?? []
  return (
    parseRetryAfter(headers.get('retry-after')) ??
    (date === undefined ? undefined : parseRetryAfter(`${date} GMT`))
  )
}

/** What the answer to a form without recipients means: that they are missing is right. */
export function mailgunCheck(answer: Answer): Refusal | undefined {
  const refusal = mailgunRefusal(answer)
  if (answer.status === 400 && refusal?.kind === 'invalid-message') return undefined
  return refusal ?? { kind: 'server-error' }
}
