import type { Situation } from './situation.ts'

/** What somebody who knows a provider would say. A line may be left out; `{token}` stands for the option of a token. */
export interface Provider {
  /** As people call it. */
  readonly name: string
  /** Its servers: these names, and every name below them. */
  readonly hosts: readonly string[]
  /** What its greetings and replies have in common, for a host name that does not show the provider. */
  readonly signs?: RegExp
  /** When it refuses a user name or password. */
  readonly password?: string
  /** When it takes no password. */
  readonly token?: string
  /** When it refuses a token. */
  readonly refusedToken?: string
  /** How many connections it accepts at once, and what it says about them. */
  readonly connections?: { readonly most: number; readonly rule: string }
  /** When a sending limit is reached. */
  readonly limit?: string
  /** When the account may not send from an address. */
  readonly sender?: string
  /** Words of a reply of kind `rate-limited`, and the time over which the limit counts, if the documentation says it. */
  readonly waits?: readonly { readonly says: RegExp; readonly ms: number }[]
  /** The header field that holds an idempotency key, if its server delivers messages with the same key only once. */
  readonly idempotencyHeader?: string
}

/** Add a line for a provider that its documentation confirms. */
export const PROVIDERS: readonly Provider[] = [
  {
    name: 'Google',
    hosts: ['gmail.com', 'googlemail.com', 'google.com'],
    signs: /\bgsmtp\b|support\.google\.com/,
    password:
      'Google accepts only app passwords here, not the password of the account: switch on 2-Step Verification and create one at myaccount.google.com/apppasswords. Or set {token}: `google({ … })` from `@loudmail/oauth2` fetches the tokens.',
    token:
      'Create an app password at myaccount.google.com/apppasswords (it needs 2-Step Verification). Or set {token}: `google({ … })` from `@loudmail/oauth2` fetches the tokens (see docs/oauth2.md).',
    refusedToken:
      'The token must have the scope `https://mail.google.com/` and belong to the account that `auth.user` names. `google({ … })` from `@loudmail/oauth2` fetches such tokens.',
    limit:
      'Google counts over 24 hours: 500 messages for a Gmail account, 2,000 for a Google Workspace account. Send the message again when the 24 hours are over, or use a provider for bulk mail.',
    sender:
      'Send from the address of the account, or add this one in Gmail under Settings, Accounts, "Send mail as".',
  },
  {
    name: 'Microsoft',
    hosts: ['office365.com', 'outlook.com', 'hotmail.com', 'live.com', 'office365.us', 'outlook.cn'],
    signs:
      /\.outlook\.com\b|\[[A-Z]{2}\dPR\d+[A-Z]{2}\d+|basic authentication is (?:disabled|not supported)|\bSTOREDRV\b|SmtpClientAuthentication|Microsoft ESMTP MAIL Service/i,
    password:
      'Microsoft 365 takes a password only while SMTP AUTH and basic authentication are on for the tenant and the mailbox; by default they end with December 2026. Set {token} instead: `microsoft({ … })` from `@loudmail/oauth2` fetches the tokens (see docs/oauth2.md).',
    token:
      'Set {token}: `microsoft({ … })` from `@loudmail/oauth2` fetches the tokens for Microsoft 365 (see docs/oauth2.md).',
    refusedToken:
      'The token must be for `https://outlook.office365.com/.default` with the permission SMTP.SendAsApp (or SMTP.Send, for a user), and SMTP AUTH must be on for the mailbox that `auth.user` names. `microsoft({ … })` from `@loudmail/oauth2` fetches such tokens.',
    connections: {
      most: 3,
      rule: 'Exchange Online accepts 3 connections at once for a mailbox, and 30 messages a minute',
    },
    limit:
      'Exchange Online accepts 30 messages a minute and 10,000 recipients a day from a mailbox. Send more slowly, or use a provider for bulk mail.',
    sender:
      'Send from the address of the mailbox that logs in, or have an administrator give that mailbox the "Send As" permission for this address.',
    // "Exchange Online limits", message rate limit: messages over the limit wait for the next minute.
    waits: [{ says: /(?:submission|message|sending) rate/i, ms: 60_000 }],
  },
  {
    name: 'Amazon SES',
    hosts: ['amazonaws.com'],
    signs: /\bSimpleEmailService\b/,
    password:
      'Amazon SES wants its own SMTP user name and password, created in its console: access keys of IAM do not work. They belong to one region, so check that the region in the host name is theirs.',
    limit:
      'Amazon SES limits the messages a second and a day; in the sandbox that is 1 a second and 200 a day. See "Account dashboard" in its console, and ask there for more.',
    sender:
      'Verify this address or its domain in the Amazon SES console, in the region of the host name. In the sandbox, the recipients must be verified, too.',
    // "Errors related to the sending quotas": this one counts over a second. The daily one has no time to wait for.
    waits: [{ says: /maximum sending rate exceeded/i, ms: 1_000 }],
  },
  {
    name: 'SendGrid',
    hosts: ['sendgrid.net'],
    password:
      'For SendGrid, the user name is the word `apikey`, and the password is an API key that may send mail.',
    sender: 'Verify this sender or its domain in SendGrid under Settings, Sender Authentication.',
    // "SMTP errors and troubleshooting": too many recipients this hour.
    waits: [{ says: /\bthis hour\b/i, ms: 3_600_000 }],
  },
  {
    name: 'Mailgun',
    hosts: ['mailgun.org'],
    password:
      'Mailgun has SMTP credentials for each domain, and an API key is not one: use those of the domain that you send from. For a domain in the EU, the host is `smtp.eu.mailgun.org`.',
  },
  {
    name: 'Postmark',
    hosts: ['postmarkapp.com'],
    password: 'For Postmark, the Server API token is both the user name and the password.',
  },
  {
    name: 'Brevo',
    hosts: ['brevo.com', 'sendinblue.com'],
    password:
      'Brevo wants an SMTP key as the password, not an API key, and the login that its page "SMTP & API" shows.',
  },
  {
    name: 'Mailjet',
    hosts: ['mailjet.com'],
    password: 'For Mailjet, the user name is the API key, and the password is the secret key.',
  },
  {
    name: 'Resend',
    hosts: ['resend.com'],
    password: 'For Resend, the user name is the word `resend`, and the password is an API key.',
    // "Idempotency keys": a key is kept for 24 hours.
    idempotencyHeader: 'Resend-Idempotency-Key',
  },
  {
    name: 'SparkPost',
    hosts: ['sparkpostmail.com', 'sparkpost.com'],
    password:
      'For SparkPost, the user name is `SMTP_Injection`, and the password is an API key with the permission "Send via SMTP".',
  },
  {
    name: 'Mandrill',
    hosts: ['mandrillapp.com'],
    password:
      'For Mailchimp Transactional (Mandrill), the password is an API key, not the password of the account.',
  },
  {
    name: 'Yahoo',
    hosts: ['yahoo.com', 'aol.com'],
    signs: /postmaster\.yahooinc\.com/,
    password:
      "Yahoo and AOL accept only app passwords here: create one in the account's security settings and use it instead of the account's password.",
    // "Review 4xx SMTP error codes": send again 4 hours after the error.
    waits: [{ says: /\[TSS?\d\d\]|postmaster\.yahooinc\.com/i, ms: 14_400_000 }],
  },
  {
    name: 'iCloud',
    hosts: ['mail.me.com', 'icloud.com'],
    password:
      'iCloud accepts only app-specific passwords here: create one at account.apple.com under Sign-In and Security. The user name is the whole iCloud Mail address.',
  },
  {
    name: 'Zoho',
    hosts: ['zoho.com', 'zoho.eu', 'zoho.in', 'zoho.com.au', 'zoho.jp'],
    password:
      'With two-factor authentication, Zoho accepts only app-specific passwords: create one in the security settings of the account. The host depends on the region of the account, such as smtp.zoho.eu.',
  },
  {
    name: 'Fastmail',
    hosts: ['fastmail.com', 'messagingengine.com'],
    password:
      "Fastmail accepts only app passwords here: create one that may use SMTP under Settings, Privacy & Security. The user name is the account's whole address.",
  },
  {
    name: 'Yandex',
    hosts: ['yandex.com', 'yandex.ru'],
    password:
      'Yandex accepts only app passwords here: create one for Mail in the security settings of the account, and allow mail programs in the settings of the mailbox.',
  },
  {
    name: 'QQ Mail',
    hosts: ['qq.com', '163.com', '126.com'],
    password:
      'This provider wants an authorization code instead of the password: switch on SMTP in the settings of the mailbox, and it shows the code.',
  },
  {
    name: 'GMX',
    hosts: ['gmx.com', 'gmx.net', 'web.de'],
    password:
      'Allow other mail programs in the settings of the mailbox (POP3 & IMAP). With two-factor authentication, create an app password.',
  },
]

/** The provider of a server: by its host name, otherwise by what it says. */
export function providerOf(
  situation: Pick<Situation, 'host' | 'greeting'> | undefined,
  replyText = '',
): Provider | undefined {
  const host = situation?.host.toLowerCase() ?? ''
  const said = `${situation?.greeting ?? ''} ${replyText}`
  return (
    PROVIDERS.find(({ hosts }) => hosts.some((name) => host === name || host.endsWith(`.${name}`))) ??
    PROVIDERS.find(({ signs }) => signs?.test(said))
  )
}
