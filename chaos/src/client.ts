import {
  breaker,
  dedupe,
  failover,
  limit,
  Mailer,
  memory,
  redirect,
  retry,
  roundRobin,
  tee,
  type MailEvent,
  type Transport,
} from '@loudmail/core'
import { nodemailer } from '@loudmail/nodemailer'
import { postmark } from '@loudmail/providers/postmark'
import { resend } from '@loudmail/providers/resend'
import { certificates } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import type { ApiChaosServer } from './http/api-server.ts'
import type { Leave } from './leave.ts'
import { DOMAINS, type ClientPlan, type ServerPlan, type Through } from './plan.ts'
import type { ChaosServer } from './server.ts'

const tlsOptions = { ca: certificates.ca, servername: 'localhost' }
const RETRIES = { attempts: 3, delayMs: 5, maxDelayMs: 20 }
const LIMIT = { messages: 10, intervalMs: 20, concurrent: 3, queue: 20 }
const BREAKER = { minimum: 4, windowMs: 200, openMs: 30 }

/** The mailer of a scene, over one transport for each server. */
export function mailerOf(
  plan: ClientPlan,
  servers: readonly (ChaosServer | ApiChaosServer)[],
  proxyPort: number | undefined,
  leave: Leave,
  observe: (event: MailEvent) => void,
): Mailer {
  const inner = servers.map((server) => throughOne(plan, server, proxyPort))
  const transport = leave.around(wrapped(plan.through, inner))
  return new Mailer({ transport, deadlineMs: plan.deadlineMs, observe })
}

function throughOne(
  plan: ClientPlan,
  server: ChaosServer | ApiChaosServer,
  proxyPort: number | undefined,
): Transport {
  const { port } = server
  if ('name' in server) {
    const url = `http://127.0.0.1:${port}`
    const { timeoutMs } = plan
    return server.name === 'resend'
      ? resend({ key: 're_chaos', url, timeoutMs })
      : postmark({ token: 'chaos', url, timeoutMs })
  }
  const { tls } = server.plan
  return plan.through.includes('nodemailer')
    ? throughNodemailer(plan, port, tls)
    : throughSmtp(plan, port, tls, proxyPort)
}

function wrapped(through: Through, [first, second, third]: readonly Transport[]): Transport {
  switch (through) {
    case 'retry':
    case 'retry nodemailer':
      return retry(first!, RETRIES)
    case 'failover':
      return failover(first!, second!)
    case 'retry failover':
      return retry(failover([first!, second!], { skipMs: 30 }), RETRIES)
    case 'retry failover limit':
      return retry(failover([limit(first!, LIMIT), second!], { skipMs: 30 }), RETRIES)
    case 'providers':
      return retry(failover([retry(first!, RETRIES), second!, third!], { skipMs: 30 }), RETRIES)
    case 'all':
      return everyWrapper(first!, second!, third!)
    default:
      return first!
  }
}

function everyWrapper(first: Transport, second: Transport, third: Transport): Transport {
  const ways = failover([
    breaker(limit(first, LIMIT), BREAKER),
    breaker(roundRobin([limit(second, { ...LIMIT, by: 'domain' }), third], { skipMs: 30 }), BREAKER),
  ])
  const staging = redirect(tee(retry(ways, RETRIES), memory({ limit: 10 })), { allow: DOMAINS })
  return dedupe(staging, { windowMs: 60_000 })
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
