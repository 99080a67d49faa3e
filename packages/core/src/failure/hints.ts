import type { FailureCode, Kind, Stage } from './vocabulary.ts'

/** What happened: the summary of a failure, before the server's words if there are any. */
export const SUMMARIES: Record<Kind, string> = {
  'invalid-config': 'the configuration is not valid',
  'missing-credentials': 'the user name or the password is missing',
  'no-recipients': 'the message has no recipients',
  'invalid-message': 'the message is not valid',
  template: 'the template failed',
  'invalid-address': 'an address is not valid',
  'header-injection': 'a header value contains a line break or a NUL character',
  attachment: 'an attachment could not be read',
  'pool-closed': 'the mailer or transport is closed',
  'queue-full': 'too many messages wait to be sent',
  'breaker-open': 'the transport failed too often, so for a while nothing is sent through it',
  aborted: 'the caller aborted the send',
  storage: 'the message could not be stored',
  'host-not-found': 'the host name does not exist',
  'dns-temporary': 'the DNS server did not answer',
  proxy: 'the proxy refused the connection',
  'connection-refused': 'nothing is listening on that host and port',
  unreachable: 'there is no network route to the host',
  timeout: 'no answer arrived in time',
  'connection-lost': 'the connection was lost before the server answered',
  'not-tls': 'the server does not speak TLS on this port',
  handshake: 'the TLS handshake with the server failed',
  'protocol-version': 'the server and this program have no TLS version or cipher in common',
  'certificate-untrusted': "the server's certificate is not signed by a trusted authority",
  'certificate-expired': "the server's certificate has expired or is not valid yet",
  'certificate-hostname': "the server's certificate is for a different host name",
  'client-certificate-required': 'the server requires a client certificate',
  'starttls-not-offered': 'the server does not offer STARTTLS, but the connection must be encrypted',
  'tls-unavailable': 'the server cannot start TLS at the moment',
  'requiretls-not-offered': 'the server does not offer REQUIRETLS',
  'response-injection': 'the server sent data before it was asked',
  'not-smtp': 'the service on that port is not an SMTP server',
  protocol: 'the server and this client do not understand each other',
  'auth-not-offered': 'credentials are configured, but the server does not offer AUTH',
  'auth-mechanism': 'the server offers no authentication mechanism that this program can use',
  'bad-credentials': 'the server does not accept the user name or password',
  'app-password-required': 'the account needs an app password',
  'web-login-required': 'the provider requires a login in a browser first',
  'oauth-token': 'the access token could not be fetched or was not accepted',
  'auth-temporary': 'the server cannot check credentials at the moment',
  'auth-required': 'the server requires a login first',
  'tls-required': 'the server requires an encrypted connection',
  'account-blocked': 'the provider does not let this account send',
  'service-unavailable': 'the server is not available at the moment',
  'server-error': 'the server had an internal error',
  'server-storage': 'the server is out of storage space',
  'rate-limited': "the server's sending limit is reached",
  greylisted: 'the server asks you to try again later (greylisting)',
  policy: "the server's policy does not allow it",
  rejected: 'the server refused',
  suppressed: 'the provider does not send to this address any more',
  'mailbox-unknown': 'the mailbox does not exist',
  'domain-unknown': 'the domain does not exist or accepts no mail',
  'mailbox-full': 'the mailbox is full',
  'mailbox-disabled': 'the mailbox is disabled',
  'relay-denied': 'the server does not relay mail to this recipient',
  'too-many-recipients': 'the message has more recipients than the server accepts at once',
  'sender-rejected': 'the server does not accept the sender address',
  'sender-not-owned': 'the account is not allowed to send from this address',
  'smtputf8-required': 'an address needs SMTPUTF8, which the server does not offer',
  mixed: 'the recipients were refused for different reasons',
  'message-too-large': 'the message is larger than the server accepts',
  spam: 'the server considers the message spam',
  'authentication-policy': "the sender's domain fails SPF, DKIM or DMARC",
  'content-rejected': 'the server does not accept the content',
  unexpected: 'the transport failed unexpectedly',
}

const HINTS: Record<Kind, string> = {
  'invalid-config': 'Correct the option that this error names. Nothing was sent.',
  'missing-credentials':
    'Set both the user name and the password (or an access token), and check that the environment variables they come from are set. If the server needs no login, leave out `auth`.',
  'no-recipients': 'Put at least one address in `to`, `cc`, `bcc` or `envelope.to`.',
  'invalid-message': 'Correct the field that this error names.',
  template:
    'Correct the template, or the data that it is given. `location` says where, and if there is none, the stack of `cause`. Nothing was sent.',
  'invalid-address':
    'Write addresses as `name@example.com` or `Name <name@example.com>`. If they come from users, check them before you send.',
  'header-injection':
    'Remove line breaks and NUL characters from the value, and find out where it comes from: this is how attackers add headers of their own.',
  attachment:
    'Check that the file exists and can be read. Pass a stream as a function that opens it, so that another attempt can read it from the start.',
  'queue-full':
    'Send more slowly, or let `limit()` send more at once or keep a longer queue. This message was not sent: send it again later.',
  'breaker-open':
    'Look at `failures` and the last failures of this transport, and fix their cause. The breaker tries the transport again by itself.',
  'pool-closed': 'Call `close()` only after the last send. To send this message, create a new mailer.',
  aborted:
    'Send the message again if it should still go out. If nobody meant to cancel it, find out what aborted its `signal`.',
  storage:
    'Check the disk or database behind the store: free space, permissions, and that only one program uses it.',
  'host-not-found':
    'Check the spelling of the host name, and that this machine can resolve it (containers often use a resolver of their own).',
  'dns-temporary':
    'Try again in a moment. If it keeps failing, check the DNS servers that this machine uses.',
  proxy: "Check the proxy's address and credentials, and that it allows connections to this host and port.",
  'connection-refused':
    'Check the host and port, and that the server is running. Use port 587 (STARTTLS) or 465 (TLS from the start); many networks block port 25.',
  unreachable:
    'Check the network and the firewall, and whether the host has an IPv6 address that this machine has no route to.',
  timeout:
    'Check that the host and port are right and that no firewall drops the packets. If the server is only slow, raise the timeout.',
  'connection-lost':
    "Try again. If it keeps happening, look in the server's log for this time: a rate limit, a crash or a firewall may have cut the connection.",
  'not-tls':
    'This port does not start with TLS. Use `smtp://` with STARTTLS (usually port 587), or the port for `smtps://` (usually 465).',
  handshake:
    "Read what TLS said in the summary, and have the server's TLS settings and certificate checked with it. Trying again will probably fail the same way.",
  'protocol-version':
    'Have TLS 1.2 or newer enabled on the server. Lower `tlsOptions.minVersion` only for a server that you trust.',
  'certificate-untrusted':
    'Add the authority that signed the certificate to `tlsOptions.ca` or NODE_EXTRA_CA_CERTS. Do not switch verification off: anyone on the network could then read the mail and the password.',
  'certificate-expired': "Have the server's certificate renewed, and check the clock of this machine.",
  'certificate-hostname':
    'Connect with the host name that the certificate is for, or set `tlsOptions.servername` to that name.',
  'client-certificate-required':
    'Set `tlsOptions.cert` and `tlsOptions.key` to the client certificate and its key.',
  'starttls-not-offered':
    'Use a port that offers TLS: 465 with `smtps://`, or 587. For a relay that you trust, on a network that you trust, allow plain text with `smtp://host:25?tls=none`.',
  'tls-unavailable': "Try again later. If it keeps failing, have the server's TLS settings checked.",
  'requiretls-not-offered':
    'Send through a server that offers REQUIRETLS (RFC 8689), or remove `requireTlsOnward`.',
  'response-injection':
    'Somebody between this machine and the server may be tampering with the connection. Use TLS from the start (`smtps://`, port 465).',
  'not-smtp':
    'Check the port: it belongs to another service. For example, 22 is SSH, 80 and 443 are HTTP, and 993 is IMAP.',
  protocol: 'Check for a proxy, a mail scanner or a wrong port. The transcript shows what the server sent.',
  'auth-not-offered':
    'Many servers offer AUTH only after STARTTLS, or only on port 587 or 465. If the server needs no login, leave out `auth`.',
  'auth-mechanism':
    'Set `auth.method` to a mechanism that the server offers (the transcript lists them), or have PLAIN or LOGIN over TLS enabled on the server.',
  'bad-credentials':
    'Check the user name (often the whole address) and the password (in a URL, percent-encode both), and that the account allows SMTP login. Trying again will fail the same way.',
  'app-password-required':
    "Create an app password in the account's security settings and use it instead of the account's password.",
  'web-login-required':
    'Log in to the account once in a browser and allow access for this program. Then try again.',
  'oauth-token':
    'Fetch a new access token. Check that it has the scope for sending mail and that it belongs to this user.',
  'auth-temporary': 'Try again later. The password may well be right: the server could not check it.',
  'auth-required': 'Set `auth` with a user name and a password: this server accepts mail only after a login.',
  'tls-required':
    'Use STARTTLS (`smtp://` on port 587, without `tls=none`) or TLS from the start (`smtps://` on port 465).',
  'account-blocked':
    'Sign in at the provider and look at the state of the account: it may be suspended, not verified yet, or out of credit. If you cannot tell why, ask the provider.',
  'service-unavailable':
    "Try again later. If it keeps failing, look at the server's status page or ask its operator.",
  'server-error': "Try again later. If it keeps failing, look for the cause in the server's log.",
  'server-storage': 'Try again later. If it keeps failing, the operator of the server has to make room.',
  'rate-limited':
    'Try again later, and send more slowly (fewer connections, longer pauses). If you need to send more, ask the provider for a higher limit.',
  greylisted: 'Try again in a few minutes. Greylisting refuses the first attempt and accepts a later one.',
  policy:
    "Read the server's reply. The usual reasons are a block list, missing reverse DNS, or a rule for this account or network.",
  rejected: "Read the server's reply in `reply.text`: it gives no standard reason.",
  suppressed:
    "Do not send to this address: an earlier message came back, or its owner complained or unsubscribed. If that is wrong, remove it from the provider's suppression list.",
  'mailbox-unknown':
    'Check the spelling of the address. If it is right, remove the address from your list: mail to unknown mailboxes harms your reputation as a sender.',
  'domain-unknown':
    'Check the part after the @. If it is right and keeps failing, remove the address from your list.',
  'mailbox-full': 'Try again in a few hours. If the mailbox stays full, it is probably abandoned.',
  'mailbox-disabled': 'Remove the address from your list: its owner or provider has closed the mailbox.',
  'relay-denied':
    'Log in (set `auth`), or use the server that is responsible for this recipient. This server does not relay mail for strangers.',
  'too-many-recipients': 'Split the recipients across several messages.',
  'sender-rejected': 'Use a sender address that this server accepts and whose domain exists.',
  'sender-not-owned': "Send from the account's own address, or have the provider allow this one as an alias.",
  'smtputf8-required': 'Use an ASCII address for this mailbox, or a server that offers SMTPUTF8.',
  mixed: 'Look at `recipients`: each one has its own reason.',
  'message-too-large': 'Make the message smaller, or send a link instead of the attachment.',
  spam: "Read the server's reply. Check the content, the links, and the reputation of your domain and IP address.",
  'authentication-policy':
    "Publish SPF and DKIM records for the sender's domain that cover this server, and check its DMARC policy.",
  'content-rejected':
    "Read the server's reply. The usual reasons are an attachment type, a header or a link.",
  unexpected:
    'This is a bug in the transport, or in something that it uses. Report it together with its cause.',
}

const AT_STAGE: Partial<Record<FailureCode, string>> = {
  'compose/timeout':
    'Find out what the template waits for, such as a database or a page, and let it give up earlier: its `signal` aborts at the deadline. Nothing was sent. If it only needs longer, raise `deadlineMs`.',
  'tls/timeout':
    'The server accepted the connection but does not answer the TLS handshake. The port may expect plain SMTP first: use `smtp://` (usually port 587).',
  'greeting/timeout':
    'Something accepts the connection but sends no greeting. The port may expect TLS first (use `smtps://`), it may belong to another service, or a scanner is slow.',
  'connect/timeout': 'Check the host, and whether a firewall drops the packets. Many networks block port 25.',
  'queue/timeout':
    'The message waited for a free connection until its time ran out. Raise `pool.connections`, or send less at once.',
  'body/service-unavailable': 'The server refused the message for now. Try again later.',
}

/** What to do about a failure, if nothing more is known about it. */
export function usualHint(stage: Stage, kind: Kind): string {
  return AT_STAGE[`${stage}/${kind}` as FailureCode] ?? HINTS[kind]
}
