import { failover, Mailer, retry, type MailEvent, type Transport } from '@loudmail/core'
import { nodemailer } from '@loudmail/nodemailer'
import { certificates } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import type { ClientPlan, ServerPlan } from './plan.ts'
import type { ChaosServer } from './server.ts'

const tlsOptions = { ca: certificates.ca, servername: 'localhost' }
const RETRIES = { attempts: 3, delayMs: 5, maxDelayMs: 20 }

/** The mailer of a scene, over one transport for each server. */
export function mailerOf(
  plan: ClientPlan,
  servers: readonly ChaosServer[],
  proxyPort: number | undefined,
  observe: (event: MailEvent) => void,
): Mailer {
  const inner = servers.map(({ port, plan: { tls } }) =>
    plan.through.includes('nodemailer')
      ? throughNodemailer(plan, port, tls)
      : throughSmtp(plan, port, tls, proxyPort),
  )
  const one = plan.through.includes('failover') ? failover(...inner) : inner[0]!
  const transport = plan.through.includes('retry') ? retry(one, RETRIES) : one
  return new Mailer({ transport, deadlineMs: plan.deadlineMs, observe })
}

function throughSmtp(
  plan: ClientPlan,
  port: number,
  tls: ServerPlan['tls'],
  proxyPort: number | undefined,
): Transport {
  const { window, connections, messagesPerConnection, idleMs, partial, proxy, timeoutMs } = plan
  return smtp({
    host: '127.0.0.1',
    port,
    tls,
    tlsOptions,
    timeoutMs,
    partial,
    pool: { window, connections, messagesPerConnection, idleMs },
    ...(proxyPort !== undefined && { proxy: `${proxy}://127.0.0.1:${proxyPort}` }),
  })
}

function throughNodemailer(plan: ClientPlan, port: number, tls: ServerPlan['tls']): Transport {
  const { connections, messagesPerConnection, timeoutMs } = plan
  return nodemailer({
    host: '127.0.0.1',
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: tlsOptions,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    ...(connections > 1 && { pool: true, maxConnections: connections, maxMessages: messagesPerConnection }),
  })
}
