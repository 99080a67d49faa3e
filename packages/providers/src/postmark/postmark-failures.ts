import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import type { RefusedRecipient, Refusal } from '../api/provider-api.ts'
import { byRules, type Rule } from '../api/rules.ts'

const SIGNATURE =
  'Add the address under Sender Signatures at account.postmarkapp.com, or its domain, and confirm it.'
const TEMPLATE = 'Check the template, and what `transportData.postmark` gives it.'
const STREAM =
  'Check `messageStream` against the Message Streams tab of this server at Postmark; `outbound` is there by default.'

/** What the field `ErrorCode` means, whatever the HTTP status. @see https://postmarkapp.com/developer/api/overview#error-codes */
const RULES: readonly Rule[] = [
  {
    code: 10,
    kind: 'bad-credentials',
    hint: 'Use the token under API Tokens of the server at Postmark, not the token of the account, and check that all of it was copied.',
  },
  { code: 100, kind: 'service-unavailable' },
  { code: 300, says: /sender signature/i, kind: 'sender-not-owned', hint: SIGNATURE },
  { code: 300, says: /invalid '\w+' address|illegal email address/i, kind: 'invalid-address' },
  { code: 300, kind: 'invalid-message', hint: 'Change what the answer names.' },
  { code: [400, 401], kind: 'sender-not-owned', hint: SIGNATURE },
  { code: [402, 403], kind: 'invalid-message' },
  {
    code: 405,
    kind: 'policy',
    hint: 'The plan of this account does not cover more mail: see Billing at account.postmarkapp.com.',
  },
  {
    code: 406,
    kind: 'suppressed',
    hint: 'These addresses bounced, complained or unsubscribed before. See the Suppressions of the message stream at Postmark, where an address can be made active again.',
  },
  { code: 409, kind: 'rejected' },
  { code: 410, kind: 'invalid-message', hint: 'Lower `batch.most`.' },
  {
    code: 411,
    kind: 'content-rejected',
    hint: 'Postmark does not take files of this type: put it behind a link.',
  },
  {
    code: 412,
    kind: 'policy',
    hint: 'Until Postmark has approved the account, it sends only to the domain of the sender. Ask for approval at account.postmarkapp.com.',
  },
  { code: 413, kind: 'policy', hint: 'Postmark does not let this account send: write to their support.' },
  {
    code: 422,
    kind: 'account-blocked',
    hint: 'Check the server and the account at account.postmarkapp.com.',
  },
  { code: 429, kind: 'rate-limited' },
  { code: [1101, 1109, 1120, 1122, 1123], kind: 'invalid-message', hint: TEMPLATE },
  { code: [1226, 1235, 1236], kind: 'invalid-config', hint: STREAM },
  {
    code: 1480,
    kind: 'policy',
    hint: 'This server at Postmark takes mail only from some IP addresses: add the one of this machine to its list.',
  },
]

/** What says that somebody gets nothing. The pages of Postmark have several wordings. */
const REFUSES = /\binactive\b|\bnot\b[^.:]*\bdeliver/i
const ADDRESS = /[^\s,;:<>()[\]]+@[^\s,;<>()[\]]+/g

/** The addresses that a text calls inactive: small letters, without names. Undefined if it does not speak of such. */
export function inactiveIn(text: string): readonly RefusedRecipient[] | undefined {
  if (!REFUSES.test(text)) return undefined
  const addresses = (text.match(ADDRESS) ?? []).map(bare)
  return addresses.map((address) => ({ address, kind: 'suppressed', words: text }))
}

/** Without the end of the sentence, and quotes on both sides. */
function bare(address: string): string {
  return address.replace(/\.+$/, '').replace(/^(['"`])(.*)\1$/, '$2')
}

/** The field `ErrorCode`. Undefined if it is none. */
export function codeOf({ ErrorCode: code }: Readonly<Record<string, unknown>>): number | undefined {
  if (typeof code === 'string' && /^\d{1,6}$/.test(code)) return Number(code)
  return typeof code === 'number' ? code : undefined
}

/** The words of an answer, with its code. */
export function wordsOf(code: number, message: string | undefined): string {
  return code === 0 ? (message ?? '') : `ErrorCode ${code}${message === undefined ? '' : `: ${message}`}`
}

/** What an `ErrorCode` other than 0 means. Undefined if the pages do not have it. */
export function refusalOf(code: number, message: string | undefined): Refusal | undefined {
  const refusal = byRules(RULES, { status: 422 }, code, message)
  if (!refusal) return undefined
  const recipients = code === 406 ? inactiveIn(message ?? '') : undefined
  // A code that was read is an answer, also behind a status that leaves it open.
  return { ...refusal, words: wordsOf(code, message), isInDoubt: false, recipients }
}

/** What a negative answer of Postmark means. */
export function postmarkRefusal({ status, json }: Answer): Refusal | undefined {
  const fields = fieldsOf(json)
  const code = codeOf(fields)
  if (code) return refusalOf(code, textOf(fields.Message))
  if (status === 403)
    return {
      kind: 'policy',
      hint: 'A firewall in front of Postmark refused the request: something in the message looks like an attack to it, or it does not trust this IP address. Send it with less in it, or write to their support.',
    }
  return undefined
}
