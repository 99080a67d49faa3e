import { certificates } from '@loudmail/server'
import { freePorts } from './free-ports.ts'
import type { RealServer, StartOptions } from './real-server.ts'
import { rootFolder, VMAIL } from './root-folder.ts'
import { runningServer, type RunningServer } from './running-server.ts'

const EXIM = 103

/** Exim: one router for the mailboxes that exist, plaintext and CRAM-MD5 authenticators, and access lists that refuse. */
export const exim: RealServer = {
  name: 'Exim',
  lmtp: false,
  mechanisms: ['PLAIN', 'LOGIN', 'CRAM-MD5'],
  extensions: ['PIPELINING', 'CHUNKING', 'SMTPUTF8', 'DSN', 'SIZE'],
  start,
}

function start(options?: StartOptions): Promise<RunningServer> {
  return startExim(configuration, options)
}

/**
 * @param configured the text of exim4.conf, by port
 * @param runQueueEvery how often it tries again what it could not deliver, such as `1s`; never, by default
 */
export async function startExim(
  configured: (starttls: number, chunking: number, implicit: number) => string,
  { ports, pair = certificates.good }: StartOptions = {},
  runQueueEvery?: string,
): Promise<RunningServer> {
  const [starttls, chunking, implicit] = ports ?? ((await freePorts(3)) as [number, number, number])
  const root = await rootFolder('exim', [{ name: 'Debian-exim', id: EXIM, home: '/var/spool/exim4' }])
  await root.file('/etc/exim4/exim4.conf', configured(starttls, chunking, implicit))
  await root.file('/etc/exim4/tls.pem', pair.key + pair.cert, {
    mode: 0o600,
    owner: EXIM,
  })
  await root.folder('/var/spool/exim4', { mode: 0o750, owner: EXIM })
  await root.folder('/var/log/exim4', { mode: 0o750, owner: EXIM })
  const daemon = root.start('/usr/sbin/exim4', '-bdf', ...(runQueueEvery ? [`-q${runQueueEvery}`] : []))
  const logs = ['/var/log/exim4/mainlog', '/var/log/exim4/paniclog']
  return runningServer({ root, daemon, ports: { starttls, chunking, implicit }, logs })
}

function configuration(starttls: number, chunking: number, implicit: number): string {
  return `
primary_hostname = mail.inbox.test
local_interfaces = <; 127.0.0.1.${starttls} ; 127.0.0.1.${chunking} ; 127.0.0.1.${implicit}
daemon_smtp_ports = ${starttls}
keep_environment =
tls_on_connect_ports = ${implicit}
tls_advertise_hosts = *
tls_certificate = /etc/exim4/tls.pem
tls_privatekey = /etc/exim4/tls.pem
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
chunking_advertise_hosts = \${if eq{$received_port}{${chunking}}{*}{}}
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
message_size_limit = 15M
smtp_accept_queue_per_connection = 0
host_lookup =
never_users = root
acl_smtp_mail = check_mail
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept

begin acl

check_mail:
  deny senders = refused@sender.test
  accept

check_rcpt:
  deny recipients = members@inbox.test
       !authenticated = *
       message = 550 5.7.1 Log in first
  defer recipients = grey@inbox.test
       message = 451 4.7.1 Greylisted, try again later
  defer recipients = full@inbox.test
       message = 452 4.2.2 Mailbox full
  deny !domains = inbox.test
       message = relay not permitted
  require verify = recipient
  accept

begin routers

mailboxes:
  driver = accept
  domains = inbox.test
  local_parts = ann : bob : members : grey : full : jörg
  transport = maildir

begin transports

maildir:
  driver = appendfile
  maildir_format
  directory = /var/mail/\${if eq{$local_part_data}{jörg}{joerg}{$local_part_data}}
  user = ${VMAIL}
  group = ${VMAIL}
  return_path_add
  delivery_date_add
  envelope_to_add

begin retry

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = \${if and{{inlist{$auth2}{ann:bob}}{eq{$auth3}{$auth2-s3cret}}}}
  server_set_id = $auth2

login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = \${if and{{inlist{$auth1}{ann:bob}}{eq{$auth2}{$auth1-s3cret}}}}
  server_set_id = $auth1

cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if inlist{$auth1}{ann:bob}{$auth1-s3cret}fail}
  server_set_id = $auth1
`
}
