import { createServer, type AddressInfo } from 'node:net'
import { Mailer, retry, type RetryOptions, type Transport } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { smtp } from '../src/index.ts'

const SENDS = 1_000
/**
 * At least 1.2 times. What comes on top are three retries a second: a slow machine takes more seconds, so this leaves room for
 * ninety of them.
 */
const [LEAST, MOST] = [SENDS * 1.2, SENDS * 1.5]

const mail = (n: number) => ({
  from: 'tea@example.com',
  to: `r${n}@example.com`,
  subject: `Tea ${n}`,
  text: 'It is ready.',
})

/** Sends many messages at once through `retry(smtp())`, and counts what `smtp()` was asked to send. */
async function sendMany(port: number, options: RetryOptions) {
  let attempts = 0
  const inner = smtp({ host: '127.0.0.1', port, tls: 'none', pool: { connections: 5 } })
  const counted: Transport = {
    ...inner,
    send(message, context) {
      attempts++
      return inner.send(message, context)
    },
  }
  const mailer = new Mailer({
    transport: retry(counted, { delayMs: 1, ...options }),
    failure: 'silent',
    observe: ({ error }) => void error?.code,
  })
  const receipts = await Promise.all(Array.from({ length: SENDS }, (_, n) => mailer.send(mail(n))))
  await mailer.close()
  return { receipts, attempts }
}

describe('a server that is down', { timeout: 60_000 }, () => {
  it.each<[options: RetryOptions, least: number, most: number]>([
    [{}, LEAST, MOST],
    [{ budget: false }, SENDS * 3, SENDS * 3],
  ])('%j: it resets every connection, and gets from %i to %i attempts', async (options, least, most) => {
    let connections = 0
    const dead = createServer((socket) => {
      connections++
      socket.on('error', () => {})
      socket.resetAndDestroy()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => dead.once('listening', resolve))
    const { receipts, attempts } = await sendMany((dead.address() as AddressInfo).port, options)
    await new Promise((resolve) => dead.close(resolve))
    expect(receipts.every(({ ok, error }) => !ok && error.retryable && error.delivered === 'none')).toBe(true)
    expect(attempts).toBeGreaterThanOrEqual(least)
    expect(attempts).toBeLessThanOrEqual(most)
    // Messages that wait for the same connection share it.
    expect(connections).toBeLessThanOrEqual(attempts)
  })

  it('a server that greylists everybody does not cost a budget: each message arrives', async () => {
    const seen = new Set<string>()
    await using server = await startServer({
      keep: 'envelope',
      on: {
        RCPT: ({ recipient }) => {
          if (seen.has(recipient!)) return undefined
          seen.add(recipient!)
          return '450 4.2.0 Greylisted'
        },
      },
    })
    const { receipts, attempts } = await sendMany(server.port, { budget: 0 })
    expect(receipts.every(({ ok }) => ok)).toBe(true)
    expect(attempts).toBe(SENDS * 2)
    expect(server.messages).toHaveLength(SENDS)
  })
})
