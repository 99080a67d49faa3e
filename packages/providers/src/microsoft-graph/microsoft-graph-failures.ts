import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { kindOfStatus } from '../api/by-status.ts'
import type { Refusal } from '../api/provider-api.ts'
import { byRules, type Rule } from '../api/rules.ts'

const FULL =
  'The mailbox of the sender is full. Make room in it, or do not keep sent mail: `saveToSentItems: false`.'

/**
 * By the codes of Graph, and of Exchange behind it. Codes that are not here follow the HTTP status.
 *
 * @see https://learn.microsoft.com/graph/errors
 * @see https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode
 */
const RULES: readonly Rule[] = [
  {
    status: 400,
    says: /only valid with delegated authentication/i,
    kind: 'invalid-config',
    hint: 'The access token belongs to an app, which has no mailbox of its own: set `user` to the address of the mailbox that sends.',
  },
  {
    status: 401,
    kind: 'oauth-token',
    hint: 'The access token is expired, damaged, or for another API: it must be for Graph (scope https://graph.microsoft.com/.default), not for SMTP. Pass a function that fetches one, such as `microsoft()` of @loudmail/oauth2.',
  },
  {
    code: ['ErrorSendAsDenied', 'ErrorSendOnBehalfOfDenied'],
    kind: 'sender-not-owned',
    hint: 'This mailbox may not send from the address in `from`. Use its own address, or give it "Send as" for that one in the Exchange admin center.',
  },
  {
    code: [
      'ErrorAccessDenied',
      'accessDenied',
      'Authorization_RequestDenied',
      'Forbidden',
      'extensionError',
      'notAllowed',
    ],
    kind: 'policy',
    hint: 'Add the permission Mail.Send of Microsoft Graph to the app registration (for attachments from 3 MB also Mail.ReadWrite), and grant admin consent. An app must also be allowed to use this mailbox: see "RBAC for Applications" and application access policies in Exchange Online.',
  },
  {
    code: ['ErrorInvalidRecipients', 'ErrorMissingRecipients'],
    kind: 'invalid-address',
    hint: 'Exchange does not take one of the recipients, and does not say which: check each of them. Nobody got the message.',
  },
  {
    code: ['ErrorExceededMessageLimit', 'ErrorSubmissionQuotaExceeded'],
    kind: 'rate-limited',
    hint: 'The mailbox has sent as much as it may: 10,000 recipients in 24 hours in Exchange Online, fewer in new and private accounts. Wait, or spread the mail over several mailboxes.',
  },
  {
    code: [
      'ErrorMessageSubmissionBlocked',
      'ErrorAccountSuspend',
      'ErrorAccountDisabled',
      'ErrorUserDisabled',
    ],
    kind: 'account-blocked',
    hint: 'Microsoft has stopped mail from this account. An administrator finds it under "Restricted entities" at security.microsoft.com; the user of a private account signs in at outlook.com.',
  },
  {
    code: [
      'MailboxNotEnabledForRESTAPI',
      'MailboxNotSupportedForRESTAPI',
      'ErrorNonExistentMailbox',
      'ErrorInvalidUser',
      'ErrorUserNotFound',
      'ResourceNotFound',
      'Request_ResourceNotFound',
    ],
    kind: 'invalid-config',
    hint: 'There is no such mailbox in Exchange Online. Check `user`, and that it has a licence with Exchange and is not hosted on premises.',
  },
  {
    code: ['ErrorQuotaExceeded', 'quotaLimitReached'],
    kind: 'server-storage',
    permanence: 'permanent',
    hint: FULL,
  },
  // Nobody says whether the message went out before there was no room to keep it.
  { status: 507, kind: 'server-storage', hint: `${FULL} Look into Sent Items before you send it again.` },
  {
    code: ['ErrorMessageSizeExceeded', 'ErrorAttachmentSizeLimitExceeded', 'maxFileSizeExceeded'],
    kind: 'message-too-large',
    hint: 'Attach less, or have the limit of the mailbox raised: it is 35 MB unless an administrator changed it (at most 150 MB).',
  },
  {
    status: [429, 509],
    kind: 'rate-limited',
    isInDoubt: false,
    hint: 'A mailbox may have 4 requests at once, and 30 messages a minute: `limit(transport, { concurrent: 4, messages: 30, intervalMs: 60_000 })`.',
  },
  {
    code: ['malwareDetected', 'virusSuspicious'],
    kind: 'content-rejected',
    hint: 'Microsoft found something harmful in an attachment. Check the files.',
  },
  {
    code: [
      'ErrorServerBusy',
      'ErrorMailboxMoveInProgress',
      'ErrorMailboxStoreUnavailable',
      'ErrorMailboxFailover',
    ],
    kind: 'service-unavailable',
  },
]

/** What a negative answer of Graph means. Undefined if it is not of its form. */
export function graphRefusal(answer: Answer): Refusal | undefined {
  const error = fieldsOf(fieldsOf(answer.json).error)
  const words = textOf(error.message)
  for (const code of [...codesOf(error).toReversed(), undefined]) {
    const refusal = byRules(RULES, answer, code, words)
    if (refusal) return refusal
  }
  return words === undefined ? undefined : { kind: kindOfStatus(answer.status), words }
}

/** How deep errors stand in one another. */
const DEPTH = 5

/** The code, and those of the errors in it, which say more. */
function codesOf(error: Readonly<Record<string, unknown>>): string[] {
  const codes: string[] = []
  let each = error
  for (let depth = 0; depth < DEPTH; depth++) {
    const code = textOf(each.code)
    if (code !== undefined) codes.push(code)
    each = fieldsOf(each.innererror ?? each.innerError)
  }
  return codes
}
