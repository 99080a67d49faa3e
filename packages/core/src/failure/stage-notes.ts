import type { Stage } from './vocabulary.ts'

/** What happens at each stage: the docs and the command line say it in these words. */
export const STAGE_NOTES: Record<Stage, string> = {
  config: 'options and URLs, when an object is created',
  compose: 'the template, addresses, headers and attachments, before any connection',
  queue: 'waiting for a connection, or for its turn',
  dns: 'looking up the host name',
  connect: 'the TCP connection, also through a proxy',
  tls: 'STARTTLS and every TLS handshake',
  greeting: "the server's first reply, before any command",
  ehlo: 'EHLO (LHLO in LMTP), and the extensions that the server offers',
  auth: 'logging in',
  'mail-from': 'MAIL FROM: the sender',
  'rcpt-to': 'RCPT TO: each recipient',
  data: 'DATA: asking to send the content',
  body: "the content, up to the server's final reply",
  submit: 'handing the whole message to an HTTP API, a program or a store',
}
