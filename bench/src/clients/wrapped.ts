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
  type Transport,
} from '@loudmail/core'
import { smtp } from '@loudmail/smtp'
import type { ClientModule, Target } from '../client.ts'
import { inputOf } from '../loudmail.ts'
import type { Wrappers } from '../wrappers.ts'

/** High enough that nothing waits: what is measured is the cost of counting. */
const RATE = { messages: 1_000_000, intervalMs: 1_000, concurrent: 10_000 }
/** Every recipient of the benchmark, so that all mail is allowed. */
const ALLOWED = { allow: ['example.com', 'example.net', 'example.org'] }

export const connect: ClientModule['connect'] = async (target, work) => {
  const mailer = new Mailer({ transport: wrapped(target.variant as Wrappers, target) })
  const input = inputOf(work)
  let count = 0
  return {
    send: () => mailer.send({ ...input, idempotencyKey: `message-${count++}` }),
    close: () => mailer.close(),
    queues: true,
  }
}

function wrapped(variant: Wrappers, target: Target): Transport {
  const one = smtpTo(target)
  switch (variant) {
    case 'retry':
      return retry(one)
    case 'failover':
      return failover(one, smtpTo(target))
    case 'roundRobin':
      return roundRobin(one, one)
    case 'limit':
      return limit(one, RATE)
    case 'breaker':
      return breaker(one)
    case 'dedupe':
      return dedupe(one)
    case 'redirect':
      return redirect(one, ALLOWED)
    case 'tee':
      return tee(one, memory({ limit: 1 }))
    case 'all': {
      const ways = failover(breaker(limit(one, RATE)), breaker(limit(smtpTo(target), RATE)))
      return dedupe(redirect(tee(retry(ways), memory({ limit: 1 })), ALLOWED))
    }
    default:
      return one
  }
}

function smtpTo({ port, connections }: Target): Transport {
  return smtp({ host: '127.0.0.1', port, tls: 'none', pool: { connections } })
}
