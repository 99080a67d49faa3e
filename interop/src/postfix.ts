import { chown } from 'node:fs/promises'
import { certificates } from '@loudmail/server'
import { freePorts } from './free-ports.ts'
import type { RealServer, StartOptions } from './real-server.ts'
import { rootFolder, VMAIL } from './root-folder.ts'
import { runningServer, type RunningServer } from './running-server.ts'

const POSTFIX = 101
const POSTDROP = 102
const SASLDB = '/etc/sasldb2'

/** Postfix: virtual mailboxes, Cyrus SASL with a password file, and access maps that refuse. */
export const postfix: RealServer = {
  name: 'Postfix',
  lmtp: false,
  mechanisms: ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256'],
  extensions: ['PIPELINING', 'CHUNKING', 'SMTPUTF8', 'DSN', 'SIZE'],
  start,
}

function start(options?: StartOptions): Promise<RunningServer> {
  return startPostfix(MAIN, options)
}

/** @param main the text of main.cf */
export async function startPostfix(
  main: string,
  { ports, pair = certificates.good }: StartOptions = {},
): Promise<RunningServer> {
  const [starttls, chunking, implicit] = ports ?? ((await freePorts(3)) as [number, number, number])
  const root = await rootFolder('postfix', [
    { name: 'postfix', id: POSTFIX, home: '/var/spool/postfix' },
    { name: 'postdrop', id: POSTDROP },
  ])
  await root.file('/etc/postfix/main.cf', main)
  await root.file('/etc/postfix/master.cf', master(starttls, chunking, implicit))
  await root.file('/etc/postfix/dynamicmaps.cf', '')
  await root.file('/etc/postfix/tls.pem', pair.key + pair.cert, { mode: 0o600 })
  await root.file('/etc/postfix/sasl/smtpd.conf', SASL)
  for (const user of ['ann', 'bob'])
    await root.run('saslpasswd2', ['-p', '-c', '-f', SASLDB, '-u', 'inbox.test', user], `${user}-s3cret`)
  await chown(root.path(SASLDB), POSTFIX, POSTFIX)
  await root.file('/var/log/mail.log', '', { mode: 0o666 })
  await root.folder('/var/spool/postfix')
  const queues = 'incoming active bounce corrupt defer deferred flush hold private saved trace'.split(' ')
  for (const queue of queues)
    await root.folder(`/var/spool/postfix/${queue}`, { mode: 0o700, owner: POSTFIX })
  for (const queue of ['public', 'maildrop'])
    await root.folder(`/var/spool/postfix/${queue}`, { mode: 0o770, owner: POSTFIX })
  await root.folder('/var/spool/postfix/pid')
  await root.folder('/var/lib/postfix', { mode: 0o755, owner: POSTFIX })
  const daemon = root.start('/usr/lib/postfix/sbin/master', '-c', '/etc/postfix')
  return runningServer({ root, daemon, ports: { starttls, chunking, implicit }, logs: ['/var/log/mail.log'] })
}

/** What is the same whatever Postfix is asked to do. */
export const POSTFIX_BASICS = `
compatibility_level = 3.6
myhostname = mail.inbox.test
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /var/log/mail.log
shlib_directory = /usr/lib/postfix
data_directory = /var/lib/postfix
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtputf8_enable = yes
message_size_limit = 15728640
in_flow_delay = 0
smtpd_error_sleep_time = 0
mailbox_size_limit = 0
virtual_mailbox_limit = 0
`

const MAIN = `${POSTFIX_BASICS}
default_transport = error:no mail leaves this machine
relay_transport = error:no mail leaves this machine
local_transport = error:there are no local users
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = inbox.test
virtual_mailbox_base = /var/mail
virtual_mailbox_maps = inline:{ ann@inbox.test=ann/, bob@inbox.test=bob/, members@inbox.test=members/,
  grey@inbox.test=grey/, full@inbox.test=full/, jörg@inbox.test=joerg/ }
virtual_uid_maps = static:${VMAIL}
virtual_gid_maps = static:${VMAIL}

smtpd_tls_security_level = may
smtpd_tls_chain_files = /etc/postfix/tls.pem
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = inbox.test
smtpd_sasl_security_options = noanonymous
cyrus_sasl_config_path = /etc/postfix/sasl

smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
  check_sender_access inline:{ { refused@sender.test = REJECT } }
  permit_sasl_authenticated
  check_recipient_access inline:{ { members@inbox.test = 550 5.7.1 Log in first }
    { full@inbox.test = 452 4.2.2 Mailbox full } { grey@inbox.test = 450 4.7.1 Greylisted, try again later } }
`

const SASL = `pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: ${SASLDB}
mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256
`

function master(starttls: number, chunking: number, implicit: number): string {
  return `
127.0.0.1:${starttls} inet n - n - - smtpd -o smtpd_discard_ehlo_keywords=chunking
127.0.0.1:${chunking} inet n - n - - smtpd
127.0.0.1:${implicit} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`
}
