/** What the value of a header field consists of. */
export type HeaderSyntax = 'mailboxes' | 'urls' | 'list-id' | 'phrases' | 'structured' | 'unstructured'

/** The fields whose value is not free text, apart from those that a message has options for. */
const syntaxes = (): Map<string, HeaderSyntax> =>
  new Map(
    Object.entries({
      // RFC 8098 section 2.1, RFC 5322 section 3.6.6, and fields that mail programs use.
      mailboxes: [
        'disposition-notification-to return-receipt-to errors-to x-confirm-reading-to apparently-to',
        'author resent-from resent-sender resent-to resent-cc resent-reply-to',
        'mail-followup-to mail-reply-to original-from abuse-reports-to x-original-from x-report-abuse-to',
      ],
      // RFC 2369 section 3, RFC 5064.
      urls: ['list-unsubscribe list-subscribe list-help list-post list-owner list-archive archived-at'],
      // RFC 2919 section 3.
      'list-id': ['list-id'],
      // RFC 5322 section 3.6.5.
      phrases: ['keywords'],
      // RFC 8058, 3834, 2156, 5322 sections 3.6.6 and 3.6.7, 6376, 8617, 8601, 8460, 3282, and fields of identifiers.
      structured: [
        'list-unsubscribe-post auto-submitted auto-response-suppress x-auto-response-suppress',
        'precedence importance priority x-priority x-msmail-priority sensitivity',
        'resent-date resent-message-id original-message-id obsoletes supersedes content-id content-language',
        'received return-path delivered-to dkim-signature domainkey-signature authentication-results received-spf',
        'arc-seal arc-message-signature arc-authentication-results tls-required tls-report-domain tls-report-submitter',
        'feedback-id bimi-selector require-recipient-valid-since expires deferred-delivery reply-by',
        'disposition-notification-options mime-version',
      ],
    } satisfies Partial<Record<HeaderSyntax, string[]>>).flatMap(([syntax, lines]) =>
      lines.flatMap((line) => line.split(' ')).map((name) => [name, syntax as HeaderSyntax] as const),
    ),
  )

let known: Map<string, HeaderSyntax> | undefined

/** How the value of a header field is read and written. A field that is not known is free text. */
export function headerSyntax(name: string): HeaderSyntax {
  known ??= syntaxes()
  return known.get(name.toLowerCase()) ?? 'unstructured'
}
