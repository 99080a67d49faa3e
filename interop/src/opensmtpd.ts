import { certificates } from '@loudmail/server'
import { freePorts } from './free-ports.ts'
import type { RealServer, StartOptions } from './real-server.ts'
import { rootFolder } from './root-folder.ts'
import { runningServer, type RunningServer } from './running-server.ts'

const SMTPD = 104
const SMTPQ = 105

/** OpenSMTPD: a table of mailboxes, a credentials table, and filters that refuse. It has neither PIPELINING nor CHUNKING. */
export const openSmtpd: RealServer = {
  name: 'OpenSMTPD',
  lmtp: false,
  mechanisms: ['PLAIN', 'LOGIN'],
  extensions: ['DSN', 'SIZE'],
  start,
}

function start(options?: StartOptions): Promise<RunningServer> {
  return startOpenSmtpd(configuration, options)
}

/** @param configured the text of smtpd.conf, by port */
export async function startOpenSmtpd(
  configured: (starttls: number, implicit: number) => string,
  { ports, pair = certificates.good }: StartOptions = {},
): Promise<RunningServer> {
  const [starttls, , implicit] = ports ?? ((await freePorts(3)) as [number, number, number])
  const root = await rootFolder('opensmtpd', [
    { name: 'opensmtpd', id: SMTPD, home: '/var/lib/opensmtpd/empty' },
    { name: 'opensmtpq', id: SMTPQ, home: '/var/lib/opensmtpd/empty' },
  ])
  await root.file('/etc/smtpd.conf', configured(starttls, implicit))
  await root.file('/etc/mailname', 'mail.inbox.test\n')
  await root.file('/etc/credentials', CREDENTIALS)
  await root.file('/etc/tls.crt', pair.cert)
  await root.file('/etc/tls.key', pair.key, { mode: 0o600 })
  // It does not start without this one.
  await root.file('/etc/ssl/certs/ca-certificates.crt', certificates.ca)
  await root.folder('/var/lib/opensmtpd/empty', { mode: 0o755 })
  await root.folder('/var/spool/smtpd', { mode: 0o711 })
  const daemon = root.start('/usr/sbin/smtpd', '-d', '-f', '/etc/smtpd.conf')
  return runningServer({ root, daemon, ports: { starttls, chunking: starttls, implicit }, logs: [] })
}

// What `smtpctl encrypt ann-s3cret` and `smtpctl encrypt bob-s3cret` print.
const CREDENTIALS = `
ann $6$/YvLn9K87OVWq6Bq$nEamRkxErrevwTbyNtGJOw6ciBG5Zl12BEMKjXqlbiaOu0.gnxBhbr8bil.EpY24bOG61cspoH3FdWYIppbaN0
bob $6$M7T21tWjMc/n2xBn$6vYaUjpeG4VEHJER57dNJNoGMsvg4Skm6rr2hkwxNyZUBRDIqWUX0dgZkGqAjOKkxTtMsv6fXtw3yY/ZOl2.K/
`

function configuration(starttls: number, implicit: number): string {
  const boxes = ['ann', 'bob', 'members', 'grey', 'full']
  return `
pki mail cert "/etc/tls.crt"
pki mail key "/etc/tls.key"
smtp max-message-size 15M
table credentials file:/etc/credentials
table mailboxes { ${boxes.map((box) => `"${box}@inbox.test" = vmail`).join(', ')} }
table refused { "refused@sender.test" }
table grey { "grey@inbox.test" }
table full { "full@inbox.test" }

filter refused phase mail-from match mail-from <refused> reject "550 5.7.1 This sender is not welcome here"
filter grey phase rcpt-to match rcpt-to <grey> reject "451 4.7.1 Greylisted, try again later"
filter full phase rcpt-to match rcpt-to <full> reject "452 4.2.2 Mailbox full"
filter all chain { refused, grey, full }

listen on 127.0.0.1 port ${starttls} hostname mail.inbox.test tls pki mail auth-optional <credentials> filter all
listen on 127.0.0.1 port ${implicit} hostname mail.inbox.test smtps pki mail auth-optional <credentials> filter all

action deliver maildir "/var/mail/%{dest.user}" virtual <mailboxes>
match from any auth for rcpt-to "members@inbox.test" action deliver
match from any for rcpt-to "members@inbox.test" reject
match from any for domain inbox.test action deliver
`
}
