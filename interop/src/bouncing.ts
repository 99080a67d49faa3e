import { VMAIL } from './root-folder.ts'
import { POSTFIX_BASICS, startPostfix } from './postfix.ts'
import { startExim } from './exim.ts'
import { startOpenSmtpd } from './opensmtpd.ts'
import type { RunningServer } from './running-server.ts'

/** A mail server that accepts everything and finds out later that it cannot deliver it. */
export interface BouncingServer {
  readonly name: 'Postfix' | 'Exim' | 'OpenSMTPD'
  /** @param next the port of the server that has `next.test`, and takes the bounces for `sender.test` */
  start(next: number): Promise<RunningServer>
}

/** `ann@inbox.test` is there. What cannot be delivered for now is told of after a second, and given up after a few more. */
export const bouncingPostfix: BouncingServer = {
  name: 'Postfix',
  start: (next) =>
    startPostfix(`${POSTFIX_BASICS}
mydestination =
virtual_mailbox_domains = inbox.test
virtual_mailbox_base = /var/mail
virtual_mailbox_maps = inline:{ ann@inbox.test=ann/ }
virtual_uid_maps = static:${VMAIL}
virtual_gid_maps = static:${VMAIL}
alias_maps =
local_recipient_maps =
virtual_alias_maps = inline:{ staff@inbox.test=unknown@next.test }
smtpd_reject_unlisted_recipient = no
smtpd_relay_restrictions = permit_auth_destination, reject
relay_domains = next.test, sender.test, nowhere.test
smtpd_recipient_restrictions =
smtp_host_lookup = native
local_transport = error:there are no local users
transport_maps = inline:{ next.test=smtp:[127.0.0.1]:${next}, sender.test=smtp:[127.0.0.1]:${next},
  nowhere.test=smtp:[mx.nowhere.test] }
smtp_tls_security_level = none
delay_warning_time = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
maximal_queue_lifetime = 5s
bounce_queue_lifetime = 5s
`),
}

/** The same, with a mailbox `full@inbox.test` that takes no message. */
export const bouncingExim: BouncingServer = {
  name: 'Exim',
  start: (next) =>
    startExim(
      (starttls) => `
primary_hostname = mail.inbox.test
local_interfaces = <; 127.0.0.1.${starttls}
daemon_smtp_ports = ${starttls}
keep_environment =
acl_smtp_rcpt = accept
acl_smtp_data = accept
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
message_size_limit = 15M
host_lookup =
never_users = root
delay_warning = 1s
smtp_accept_queue_per_connection = 0

begin routers

staff:
  driver = redirect
  domains = inbox.test
  local_parts = staff
  data = unknown@next.test

mailboxes:
  driver = accept
  domains = inbox.test
  local_parts = ann : full
  transport = maildir

nowhere:
  driver = manualroute
  domains = nowhere.test
  route_list = * mx.nowhere.test byname
  host_find_failed = decline
  transport = next

next:
  driver = manualroute
  domains = next.test : sender.test
  route_list = * 127.0.0.1 byname
  self = send
  transport = next

begin transports

maildir:
  driver = appendfile
  maildir_format
  directory = /var/mail/$local_part_data
  user = ${VMAIL}
  group = ${VMAIL}
  quota = \${if eq{$local_part_data}{full}{10}{0}}

next:
  driver = smtp
  allow_localhost
  port = ${next}
  hosts_try_fastopen = :

begin retry

* * F,4s,1s
`,
      {},
      '1s',
    ),
}

/** OpenSMTPD refuses users who do not exist at once. */
export const bouncingOpenSmtpd: BouncingServer = {
  name: 'OpenSMTPD',
  start: (next) =>
    startOpenSmtpd(
      (starttls) => `
smtp max-message-size 15M
queue ttl 5s
bounce warn-interval 1s
table mailboxes { "ann@inbox.test" = vmail }
listen on 127.0.0.1 port ${starttls} hostname mail.inbox.test
action deliver maildir "/var/mail/%{dest.user}" virtual <mailboxes>
action next relay host smtp://127.0.0.1:${next}
match from any for domain inbox.test action deliver
match from any for domain { "next.test", "sender.test" } action next
`,
    ),
}
