import type { Kind, Stage } from './vocabulary.ts'

/** What happened, for the first half of an error's message where no server reply says it. */
export const SUMMARIES: Record<Kind, string> = {
  'invalid-config': 'the configuration is not valid',
  'missing-credentials': 'a user name or password is missing',
  'no-recipients': 'the message is for nobody',
  'invalid-message': 'the message is not valid',
  'invalid-address': 'an address is not valid',
  'header-injection': 'a header value holds a line break or a NUL',
  attachment: 'an attachment could not be read',
  'pool-closed': 'the mailer or transport was closed',
  'queue-full': 'too many messages are waiting',
  aborted: 'the caller ended the send',
  storage: 'the message could not be stored',
  'host-not-found': 'the host name does not exist',
  'dns-temporary': 'the name server did not answer',
  proxy: 'the proxy refused the connection',
  'connection-refused': 'nothing accepts connections on that host and port',
  unreachable: 'no network route leads to the host',
  timeout: 'no answer came in time',
  'connection-lost': 'the connection ended before the server answered',
  'not-tls': 'the server does not speak TLS on this port',
  'protocol-version': 'the server and this program share no TLS version',
  'certificate-untrusted': "the server's certificate is not signed by a known authority",
  'certificate-expired': "the server's certificate is not valid at this time",
  'certificate-hostname': "the server's certificate is for another name",
  'client-certificate-required': 'the server wants a client certificate',
  'starttls-not-offered': 'the server does not offer STARTTLS, and an encrypted connection is required',
  'tls-unavailable': 'the server cannot start TLS now',
  'requiretls-not-offered': 'the server does not offer REQUIRETLS',
  'response-injection': 'the server sent something before it was asked',
  'not-smtp': 'what answers is not an SMTP server',
  protocol: 'the reply is not valid SMTP',
  'auth-not-offered': 'credentials are configured, but the server does not offer AUTH',
  'auth-mechanism': 'the server offers no authentication mechanism that can be used',
  'bad-credentials': 'the server does not accept the user name or password',
  'app-password-required': 'the account needs a password made for this application',
  'web-login-required': 'the provider wants a login in the browser first',
  'oauth-token': 'the access token was not accepted or could not be fetched',
  'auth-temporary': 'the server cannot check credentials now',
  'auth-required': 'the server wants a log-in first',
  'tls-required': 'the server wants an encrypted connection first',
  'service-unavailable': 'the server is not available now',
  'server-error': 'the server met an error of its own',
  'server-storage': 'the server has no space left',
  'rate-limited': 'the server limits how much may be sent',
  greylisted: 'the server asks to try again later (greylisting)',
  policy: 'a policy of the server forbids it',
  rejected: 'the server refused',
  'mailbox-unknown': 'the mailbox does not exist',
  'domain-unknown': 'the domain takes no mail or does not exist',
  'mailbox-full': 'the mailbox is full',
  'mailbox-disabled': 'the mailbox takes no mail',
  'relay-denied': 'the server does not pass on mail for this recipient',
  'too-many-recipients': 'the message has more recipients than the server takes at once',
  'sender-rejected': 'the server does not accept the sender address',
  'sender-not-owned': 'the account may not send as this sender',
  'smtputf8-required': 'an address needs SMTPUTF8, which the server does not offer',
  mixed: 'the recipients were refused for different reasons',
  'message-too-large': 'the message is larger than the server takes',
  spam: 'the server takes the message for spam',
  'authentication-policy': "the sender's domain fails SPF, DKIM or DMARC",
  'content-rejected': 'the server does not accept the content',
  unexpected: 'the transport failed in a way it should not',
}

const HINTS: Record<Kind, string> = {
  'invalid-config': 'Correct the option that the message names; nothing was sent.',
  'missing-credentials':
    'Give both user and password (or an access token), or leave out `auth` for a server that takes mail without. Check that the environment variable is set.',
  'no-recipients': 'Give at least one address in `to`, `cc`, `bcc` or `envelope.to`.',
  'invalid-message': 'Correct the field that the message names.',
  'invalid-address':
    'Write addresses as `name@example.com` or `Name <name@example.com>`, and check user input before it comes here.',
  'header-injection':
    'Take line breaks and NUL out of the value, and find out who put them there: it is how strangers add headers.',
  attachment:
    'Check that the file exists and can be read. Give streams as a function that opens them, so that a second try can read them again.',
  'pool-closed': 'Send before `close()`, or make a new mailer; what was not sent is safe to send again.',
  'queue-full': 'Slow down, or raise the limit; what was not sent is safe to send again.',
  aborted: 'The signal of the caller ended this send.',
  storage:
    'Check the disk or database behind the store: space, permissions and that only one program owns it.',
  'host-not-found':
    'Check the spelling of the host, and that this machine can look it up (containers often have a resolver of their own).',
  'dns-temporary': 'Try again soon; if it stays, check the name servers this machine uses.',
  proxy:
    'Check the address of the proxy, its credentials, and that it lets connections to this host and port through.',
  'connection-refused':
    'Check host and port, and that the server runs. Use 587 (STARTTLS) or 465 (TLS from the start); many networks block 25.',
  unreachable: 'Check the network, a firewall, or an IPv6 address without a route.',
  timeout:
    'Check that host and port are right and that no firewall swallows packets; if the server is only slow, raise the time-out.',
  'connection-lost':
    'Try again; if it stays, look at what the server logs at this moment (its rate limits, a crash, or a firewall that cuts connections).',
  'not-tls':
    'The port speaks plain SMTP first: use `smtp://` with STARTTLS (usually port 587) instead of `smtps://` (465), or the other way round.',
  'protocol-version':
    'Have the server offer TLS 1.2 or newer; only for a server you trust, lower `tlsOptions.minVersion`.',
  'certificate-untrusted':
    'Give the authority that signed it in `tlsOptions.ca` (or NODE_EXTRA_CA_CERTS). Switching the check off lets anybody read the mail and the password.',
  'certificate-expired': "Have the server's certificate renewed, and check this machine's clock.",
  'certificate-hostname':
    'Use the host name that the certificate is for, or give that name in `tlsOptions.servername`.',
  'client-certificate-required': 'Give the client certificate in `tlsOptions.cert` and `tlsOptions.key`.',
  'starttls-not-offered':
    'Use the port that offers TLS (465 with `smtps://`, or 587). For a relay you trust on a network you trust, say so: `smtp://host:25?tls=none`.',
  'tls-unavailable': "Try again later, or have the server's TLS settings checked.",
  'requiretls-not-offered':
    'Send through a server that offers REQUIRETLS (RFC 8689), or without `requireTlsOnward`.',
  'response-injection':
    'Somebody between here and the server may be tampering with the connection: use TLS from the start (`smtps://`, port 465).',
  'not-smtp': 'Check the port: it belongs to another service (22 is SSH, 80 and 443 are HTTP, 993 is IMAP).',
  protocol:
    'What answers breaks the protocol: check for a proxy, a scanner or a wrong port; the transcript shows its words.',
  'auth-not-offered':
    'Many servers offer AUTH only after STARTTLS or on port 587 or 465. If the server needs no log-in, leave out `auth`.',
  'auth-mechanism':
    'Have the server offer PLAIN or LOGIN over TLS, or name in `auth.method` one that it offers (the transcript shows its list).',
  'bad-credentials':
    'Check user name and password (often the whole address, and percent-encoded in a URL); the account may also have log-in over SMTP switched off.',
  'app-password-required':
    "Make an app password in the account's security settings and use it instead of the usual one.",
  'web-login-required': 'Log in to the account in a browser once, let it trust this program, then try again.',
  'oauth-token':
    'Fetch a new access token with the scope for sending mail, and check that it is for this user.',
  'auth-temporary':
    'Try again later: the server could not check the password, which says nothing about whether it is right.',
  'auth-required': 'Give `auth` with user and password: this server takes mail only after a log-in.',
  'tls-required':
    'Use STARTTLS or TLS from the start (`smtp://` on 587 without `tls=none`, or `smtps://` on 465).',
  'service-unavailable':
    'Try again later; if it stays, ask the operator of the server or look at its status page.',
  'server-error': "Try again later; if it stays, the server's log has the cause.",
  'server-storage': 'Try again later; the operator of the server must make room.',
  'rate-limited':
    'Send more slowly (fewer connections, a pause) and try again later; the provider can raise the limit.',
  greylisted: 'Try again after a few minutes: greylisting lets the second try through.',
  policy:
    "Read the server's words: it is often a block list, a missing reverse DNS name, or a rule for this account or network.",
  rejected: "Read the server's words in `reply.text`; they are all it told.",
  'mailbox-unknown':
    'Check the spelling and take the address off the list: sending to it again harms your reputation.',
  'domain-unknown': 'Check the part after the @, and take the address off the list if it stays.',
  'mailbox-full': 'Try again in some hours; if it stays full, the mailbox is likely abandoned.',
  'mailbox-disabled': 'Take the address off the list: its owner or provider has closed it.',
  'relay-denied':
    'Log in (give `auth`), or use the server that is responsible for this recipient: this one does not relay for strangers.',
  'too-many-recipients': 'Split the recipients over several messages.',
  'sender-rejected': 'Use a sender address whose domain exists and that this server accepts.',
  'sender-not-owned': 'Send as the address of the account, or have the provider allow this one as an alias.',
  'smtputf8-required': 'Use an ASCII address for this mailbox, or a server that offers SMTPUTF8.',
  mixed: 'Each recipient in `recipients` has its own reason.',
  'message-too-large': 'Make the message smaller, or send a link instead of the attachment.',
  spam: 'Read the words of the server, and check content, links and the reputation of the sending address.',
  'authentication-policy':
    "Publish SPF and DKIM for the sender's domain so that they cover this server, in line with its DMARC policy.",
  'content-rejected': 'Read the words of the server: an attachment type, a header or a link is not allowed.',
  unexpected: 'This is a bug in the transport, or something it was built with: report it with the cause.',
}

const AT_STAGE: Partial<Record<`${Stage}/${Kind}`, string>> = {
  'tls/timeout':
    'The server accepted the connection but does not answer the TLS handshake: the port may speak plain SMTP first (use `smtp://`, 587).',
  'greeting/timeout':
    'Something accepts connections there but does not greet: a port that wants TLS first (use `smtps://`), another service, or a scanner that is slow.',
  'connect/timeout':
    'No answer to the connection: a firewall that swallows packets, a blocked port 25, or a wrong host.',
  'queue/timeout':
    'It waited for a free connection until its time was over: raise `pool.connections` or send less at once.',
  'body/service-unavailable':
    'The server refused the message for now; nothing was delivered, so it is safe to try again.',
}

const MAYBE_DELIVERED =
  'The message may have been delivered: the server had all of it and its answer never came. Look in its log or the mailbox before sending again; a second try may arrive twice.'

/** What to do about a failure, in one or two sentences. */
export function hintFor(stage: Stage, kind: Kind, delivered: 'none' | 'some' | 'unknown'): string {
  if (delivered === 'unknown' && kind !== 'unexpected') return MAYBE_DELIVERED
  const hint = AT_STAGE[`${stage}/${kind}`] ?? HINTS[kind]
  if (delivered === 'unknown')
    return `${hint} The message may have been delivered: check before sending again.`
  return delivered === 'some'
    ? `${hint} The other recipients have it: send again only to those listed as refused.`
    : hint
}
