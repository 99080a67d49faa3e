// The part of docs/failures.md about the replies of large providers. What each is diagnosed as comes from @loudmail/core.
import type { Stage } from '../packages/core/src/index.ts'
import { diagnoseReply, parseReply } from '../packages/core/src/transport.ts'

type Row = readonly [stage: Stage, reply: string, meaning: string, remedy: string]

const PROVIDERS: Readonly<Record<string, readonly Row[]>> = {
  'Google (Gmail, Workspace, SMTP relay)': [
    [
      'auth',
      '534 5.7.9 Application-specific password required.',
      'The account has two-step verification.',
      'Create an app password, or log in with an access token.',
    ],
    [
      'auth',
      '535 5.7.8 Username and Password not accepted.',
      "The password is wrong, or it is the account's own password, which Gmail no longer accepts from programs.",
      'Use an app password or an access token. Google Workspace accepts access tokens only.',
    ],
    [
      'auth',
      '534 5.7.14 Please log in through your web browser and then try again.',
      'Google does not trust the login from this place yet.',
      'Log in to the account in a browser, from the same network if you can, and confirm the login.',
    ],
    [
      'auth',
      '454 4.7.0 Too many login attempts, please try again later.',
      'The program opens and closes too many connections.',
      'Wait, and keep connections open: send with a pool instead of a connection for each message.',
    ],
    [
      'body',
      '550 5.4.5 Daily user sending limit exceeded.',
      'The account has sent as much as it may in 24 hours: 500 messages with Gmail, 2,000 with Workspace.',
      'Wait up to 24 hours, or send through the SMTP relay of Workspace or another provider.',
    ],
    [
      'mail-from',
      '550 5.7.0 Mail relay denied. Invalid credentials for relay for one of the domains in: example.com',
      'The SMTP relay of Workspace does not know this IP address or this sender.',
      'Add the IP address in the admin console (Gmail, Routing, SMTP relay service), or log in.',
    ],
    [
      'ehlo',
      '421 4.7.0 Try again later, closing connection. (EHLO)',
      'The SMTP relay does not like the name in EHLO, often `localhost` or an address.',
      'Set `name` to a host name of your domain.',
    ],
    [
      'body',
      "550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy.",
      'Neither SPF nor DKIM passed for the domain in From.',
      'Publish SPF and DKIM for the server that you send through.',
    ],
    [
      'body',
      "550 5.7.30 This message was blocked because it didn't pass DKIM authentication.",
      'Google demands SPF, DKIM, DMARC and TLS of everybody who sends much mail.',
      'Sign with DKIM: the same replies with 5.7.27 and 5.7.29 ask for SPF and TLS.',
    ],
    [
      'body',
      '421 4.7.28 Gmail has detected an unusual rate of mail originating from your IP address.',
      'More mail than usual comes from this IP address, or from this domain.',
      'Send more slowly, and increase the amount over days.',
    ],
    [
      'body',
      '550 5.7.1 Our system has detected that this message is likely unsolicited mail.',
      'Google considers the message spam.',
      'Look at the complaint rate in Postmaster Tools, and check content, links and domain.',
    ],
    [
      'body',
      '550 5.7.25 The IP address sending this message does not have a PTR record setup.',
      'The IP address has no reverse DNS.',
      'Have the owner of the address set a PTR record whose name leads back to the address.',
    ],
  ],
  'Microsoft 365 (Exchange Online)': [
    [
      'auth',
      '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
      'The mailbox accepts access tokens only.',
      'Set `auth.accessToken` with a token for `https://outlook.office365.com/.default`.',
    ],
    [
      'auth',
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
      'SMTP login is switched off for all mailboxes, or for this one. A token does not help.',
      'Have an administrator switch on Authenticated SMTP for this mailbox (Set-CASMailbox -SmtpClientAuthenticationDisabled $false).',
    ],
    [
      'auth',
      '535 5.7.3 Authentication unsuccessful',
      'The user name, the password or the token is wrong.',
      'Check them. A token must be for this mailbox and have the permission SMTP.Send or SMTP.SendAsApp.',
    ],
    [
      'body',
      '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
      'The mailbox that logged in may not send with this From.',
      'Send from its own address, or have it given the permission Send As.',
    ],
    [
      'mail-from',
      '432 4.3.2 Concurrent connections limit exceeded.',
      'A mailbox may have three connections at once.',
      'Set `pool.connections` to 3 or less. All programs that use the mailbox count together.',
    ],
    [
      'body',
      "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
      'The mailbox has sent to as many recipients as it may in 24 hours (10,000).',
      'Wait, or use a service for bulk mail. If you did not send that much, change the password: somebody else may be sending.',
    ],
    [
      'rcpt-to',
      '550 5.4.1 Recipient address rejected: Access denied.',
      'The recipient does not exist.',
      'Check the address.',
    ],
    [
      'rcpt-to',
      '550 5.7.64 TenantAttribution; Relay Access Denied',
      'The server of another organisation was asked to pass mail on, and no connector allows it.',
      'Use smtp.office365.com with a login, or set up an inbound connector for your IP address.',
    ],
    [
      'mail-from',
      '550 5.7.606 Access denied, banned sending IP [192.0.2.1].',
      'The IP address is on a block list of Microsoft.',
      'Ask for its removal at https://sender.office.com.',
    ],
    [
      'body',
      '550 5.1.8 Access denied, bad outbound sender',
      'The account sent spam and is blocked.',
      'Change its password and have an administrator unblock it (Restricted entities).',
    ],
    [
      'body',
      "550 5.7.515 Access denied, sending domain example.com doesn't meet the required authentication level.",
      'Outlook.com demands SPF, DKIM and DMARC of everybody who sends much mail.',
      'Publish all three for the domain in From.',
    ],
  ],
  'Yahoo and AOL': [
    [
      'mail-from',
      '421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume or user complaints',
      'Users complained, or much more mail than usual came.',
      'Send more slowly and to recipients who want the mail. Try again after some hours.',
    ],
    [
      'mail-from',
      '553 5.7.2 [TSS09] All messages from 192.0.2.25 will be permanently deferred; Retrying will NOT succeed.',
      'Mail from this IP address is refused until Yahoo changes that.',
      'Ask at https://senders.yahooinc.com/contact.',
    ],
    [
      'greeting',
      "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.25, because the ip is in Spamhaus's list",
      'The IP address is on the list of Spamhaus.',
      'Ask for its removal at https://check.spamhaus.org.',
    ],
    [
      'body',
      '554 5.7.9 Message not accepted for policy reasons.',
      'Something in the message, a link or the DMARC policy of the domain is the reason.',
      'Check links and DMARC. At AUTH, 5.7.9 would mean the mechanism; here it does not.',
    ],
  ],
  'Apple iCloud': [
    [
      'rcpt-to',
      '421 4.7.1 Messages to ann@icloud.com deferred due to excessive volume. Try again later',
      'Too much mail in a short time.',
      'Send more slowly.',
    ],
    [
      'body',
      '550 5.7.1 [CS01] Message rejected due to local policy.',
      'The content or the reputation of the domain.',
      'Read https://support.apple.com/102322 and write to the address given there.',
    ],
  ],
  'Amazon SES': [
    [
      'body',
      '554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: tea@shop.example',
      'The sender is not verified in this region. In the sandbox, recipients have to be verified, too.',
      'Verify the address or its domain in this region, and leave the sandbox.',
    ],
    [
      'auth',
      '535 Authentication Credentials Invalid',
      'The user name or password is not one for SMTP.',
      'Create SMTP credentials in the console of this region. An access key of AWS is something else.',
    ],
    [
      'body',
      '454 Throttling failure: Maximum sending rate exceeded',
      'More messages a second than the account may send.',
      'Send more slowly, or ask for a higher rate. "Daily message quota exceeded" needs 24 hours.',
    ],
    [
      'body',
      '554 Sending paused for this account.',
      'Too many bounces or complaints.',
      'Read the message of AWS in the inbox of the account, and answer it.',
    ],
  ],
  SendGrid: [
    [
      'body',
      '550 The from address does not match a verified Sender Identity.',
      'The address in From is not verified.',
      'Verify it, or authenticate its domain.',
    ],
    [
      'auth',
      '451 Authentication failed: Maximum credits exceeded',
      'The messages of the plan are used up, although the code looks temporary.',
      'Upgrade the plan, or wait until its credits renew.',
    ],
    [
      'mail-from',
      '550 Unauthenticated Senders Not Allowed',
      'There was no login.',
      'Set `auth`: the user name is `apikey`, the password is the key.',
    ],
  ],
  Mailgun: [
    [
      'data',
      '421 Domain sandbox123.mailgun.org is not allowed to send: Sandbox subdomains are for test purposes only.',
      'A sandbox domain sends to authorised recipients only, although the code looks temporary.',
      'Add the recipient to the authorised ones, or send from a domain of your own.',
    ],
    [
      'data',
      '421 Domain sandbox123.mailgun.org is not allowed to send: Please activate your Mailgun account.',
      'The account is not activated.',
      'Follow the link in the activation email.',
    ],
  ],
  'Brevo, SMTP2GO and SparkPost': [
    [
      'mail-from',
      '502 5.7.0 Your SMTP account is not yet activated.',
      'Brevo: SMTP is not switched on for the account.',
      'Ask the support to activate it.',
    ],
    [
      'auth',
      '525 5.7.1 Unauthorized IP address',
      'Brevo: this IP address may not use the key.',
      'Add it under Security, Authorised IPs.',
    ],
    [
      'body',
      '550 From header sender domain not verified',
      'SMTP2GO: the domain or the address of the sender is not verified.',
      'Verify it under Sending, Verified Senders.',
    ],
    [
      'body',
      '552 Your account has been suspended. Please contact us to reactivate',
      'SMTP2GO: the account may not send.',
      'Ask the support.',
    ],
    [
      'rcpt-to',
      '554 5.7.1 recipient address was suppressed due to customer policy',
      'SparkPost: the address is on the suppression list.',
      'Do not send to it, or remove it from the list.',
    ],
    [
      'body',
      '550 5.7.1 Unconfigured Sending Domain <shop.example>',
      'SparkPost: the domain in From is not set up.',
      'Add it under Sending Domains.',
    ],
  ],
  'Zoho and ZeptoMail': [
    [
      'body',
      '553 Relaying disallowed as tea@shop.example',
      'The account may not send with this From.',
      'Send from an address of the account, or add the domain.',
    ],
    [
      'body',
      '550 5.4.6 Unusual sending activity detected. Please try after sometime',
      'The account sent too much in a short time. It is not a mail loop, which 5.4.6 means elsewhere.',
      'Send more slowly. Zoho Mail is not for bulk mail.',
    ],
  ],
  'GMX, web.de, Yandex, mail.ru and Orange': [
    [
      'greeting',
      '554 gmx.net Nemesis ESMTP Service not available No SMTP service IP address is block listed.',
      'The IP address is on a block list.',
      'Follow the link in the reply.',
    ],
    [
      'mail-from',
      '553 5.7.1 Sender address rejected: not owned by auth user.',
      'Yandex: the sender is not the account that logged in.',
      'Send from the address of the account.',
    ],
    [
      'body',
      '550 message sending for this account is disabled',
      'mail.ru: the account was blocked, often because its password was stolen.',
      'Change the password and unblock the account in a browser.',
    ],
    [
      'greeting',
      '421 Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR005_104 [104]',
      'Orange: too many connections at once.',
      'Set `pool.connections` to a smaller number.',
    ],
  ],
}

/** A table for each provider: what it says, what that is here, what it means and what to do. */
export function providersDoc(): string {
  const tables = Object.entries(PROVIDERS).map(([provider, rows]) => {
    const head = '| reply | code | what it means | what to do |\n|---|---|---|---|'
    return `### ${provider}\n\n${head}\n${rows.map(line).join('\n')}`
  })
  return `## What large providers mean

Providers use some codes for much that no standard says. Plain words in a reply therefore come before its codes, and
before the rule that 421 means "try later". These replies are common. Yours may have other words around them.

${tables.join('\n\n')}`
}

function line([stage, reply, meaning, remedy]: Row): string {
  const { kind, permanence } = diagnoseReply(stage, parseReply([reply])!)
  return `| \`${reply}\` | \`${stage}/${kind}\`, ${permanence} | ${meaning} | ${remedy} |`
}
