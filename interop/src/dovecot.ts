import { certificates } from '@loudmail/server'
import { freePorts } from './free-ports.ts'
import type { RealServer } from './real-server.ts'
import { rootFolder, VMAIL } from './root-folder.ts'
import { runningServer, type RunningServer } from './running-server.ts'

/** Dovecot's LMTP server: a file of users, two of them over their quota. */
export const dovecot: RealServer = {
  name: 'Dovecot',
  lmtp: true,
  mechanisms: [],
  extensions: ['PIPELINING', 'CHUNKING'],
  start,
}

async function start(): Promise<RunningServer> {
  const [starttls, implicit] = (await freePorts(2)) as [number, number]
  const root = await rootFolder('dovecot', [
    { name: 'dovecot', id: 106 },
    { name: 'dovenull', id: 107 },
  ])
  await root.file('/etc/dovecot/dovecot.conf', configuration(starttls, implicit))
  await root.file('/etc/dovecot/users', USERS)
  await root.file('/etc/dovecot/tls.crt', certificates.good.cert)
  await root.file('/etc/dovecot/tls.key', certificates.good.key, { mode: 0o600 })
  const daemon = root.start('/usr/sbin/dovecot', '-F')
  return runningServer({
    root,
    daemon,
    ports: { starttls, chunking: starttls, implicit },
    logs: ['/var/log/dovecot.log'],
  })
}

const USERS = `ann:{PLAIN}none::::::
bob:{PLAIN}none::::::
full:{PLAIN}none::::::userdb_quota_rule=*:bytes=10
later:{PLAIN}none::::::userdb_quota_rule=*:bytes=10 userdb_quota_full_tempfail=yes
`

function configuration(starttls: number, implicit: number): string {
  return `
protocols = lmtp
hostname = mail.inbox.test
listen = 127.0.0.1
log_path = /var/log/dovecot.log
ssl = yes
ssl_cert = </etc/dovecot/tls.crt
ssl_key = </etc/dovecot/tls.key
auth_username_format = %Ln
mail_location = maildir:/var/mail/%n
mail_uid = ${VMAIL}
mail_gid = ${VMAIL}
first_valid_uid = ${VMAIL}
mail_home = /var/mail/%n
mail_plugins = quota
plugin {
  quota = maildir:User quota
  quota_max_mail_size = 15M
}
passdb {
  driver = passwd-file
  args = username_format=%n /etc/dovecot/users
}
userdb {
  driver = passwd-file
  args = username_format=%n /etc/dovecot/users
}
service lmtp {
  inet_listener lmtp {
    port = ${starttls}
  }
  inet_listener lmtps {
    port = ${implicit}
    ssl = yes
  }
}
`
}
