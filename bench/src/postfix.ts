import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './programs.ts'
import { ended, freePort, listening, type Server } from './server.ts'

/** Starts a Postfix in a folder of its own. It accepts all mail on loopback and discards it. Postfix needs root. */
export async function startPostfix(folder: string): Promise<Server> {
  if (process.getuid?.() !== 0) throw new Error('only root can start Postfix')
  const postfix = findProgram('postfix')
  const port = await freePort()
  const [config, queue, data] = ['config', 'queue', 'data'].map((name) => join(folder, name))
  for (const each of [folder, config!, queue!, data!]) {
    mkdirSync(each, { recursive: true })
    chmodSync(each, 0o755)
  }
  execFileSync('chown', ['postfix', data!])
  const log = join(folder, 'log')
  writeFileSync(join(config!, 'main.cf'), mainConfig(queue!, data!, folder, log))
  writeFileSync(join(config!, 'master.cf'), masterConfig(port))
  const master = spawn(postfix, ['-c', config!, 'start-fg'], { stdio: 'ignore' })
  await listening(port)
  return {
    port,
    // Every message that is queued has such a line.
    messages: () => Promise.resolve(readFileSync(log, 'latin1').split(': message-id=').length - 1),
    async stop() {
      execFileSync(postfix, ['-c', config!, 'stop'], { stdio: 'ignore' })
      await ended(master)
    },
  }
}

function mainConfig(queue: string, data: string, folder: string, log: string): string {
  return `compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${data}
maillog_file = ${log}
maillog_file_prefixes = ${folder}
myhostname = bench.example.com
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
default_transport = discard
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_connection_rate_limit = 0
`
}

function masterConfig(port: number): string {
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'anvil unix - - n - 1 anvil',
    'discard unix - - n - - discard',
    'error unix - - n - - error',
    'postlog unix-dgram n - n - 1 postlogd',
  ]
  return `${services.join('\n')}\n`
}
