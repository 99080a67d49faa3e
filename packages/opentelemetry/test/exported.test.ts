import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { failover, Mailer, retry } from '@loudmail/core'
import { record } from '@loudmail/debug'
import { smtp } from '@loudmail/smtp'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { expect, it } from 'vitest'
import { scene } from './scene.ts'
import { telemetry } from './telemetry.ts'
import { watchedChannels } from './watched-channels.ts'

const PASSWORD = 'correct horse battery staple'
const USER = 'shop-login'
const SUBJECT = 'About the blue parcel'
const TEXT = 'It is in the garden shed.'
const FILE = 'invoice-4711.pdf'
const PEOPLE = [
  'bob@rcpt.example',
  'carol@rcpt.example',
  'no@rcpt.example',
  'later@rcpt.example',
  '.dot@rcpt.example',
]

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const HIDDEN = [
  PASSWORD,
  encodeURIComponent(PASSWORD),
  base64(PASSWORD),
  base64(USER),
  base64(`\0${USER}\0${PASSWORD}`),
  USER,
  SUBJECT,
  TEXT,
  'shed',
  FILE,
  'Bob Builder',
  ...PEOPLE,
  'dot@rcpt',
  'ann@sender.example',
]

/** An HTTP server that keeps what is posted to it. */
async function collector(): Promise<AsyncDisposable & { readonly url: string; readonly posts: string[] }> {
  const posts: string[] = []
  const server = createServer((request: IncomingMessage, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      posts.push(Buffer.concat(chunks).toString())
      response.setHeader('content-type', 'application/json').end('{}')
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    posts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

it('what leaves the process has every send and attempt, and no secret, content or address', async () => {
  const says = HIDDEN.join(' ')
  const caps = ['AUTH PLAIN LOGIN', 'PIPELINING', 'ENHANCEDSTATUSCODES', '8BITMIME']
  const asked = new Set<string>()
  await using closed = await scene({ caps, on: { AUTH: `535 5.7.8 ${says}` } })
  await using good = await scene({
    caps,
    on: {
      RCPT: ({ recipient = '' }) => {
        if (recipient.startsWith('no@')) return `550 5.1.1 ${says}`
        if (!recipient.startsWith('later@') || asked.has(recipient)) return undefined
        asked.add(recipient)
        return `450 4.2.1 ${says}`
      },
      DOT: { accept: true, then: `250 2.0.0 ${says}` },
    },
  })
  const auth = { user: USER, pass: PASSWORD }
  const to = (port: number) => smtp({ host: '127.0.0.1', port, tls: 'none', auth, allowInsecureAuth: true })
  await using collected = await collector()
  const prometheus = new PrometheusExporter({ port: 0, preventServerStart: true })
  const scraped = createServer((request, response) => prometheus.getMetricsRequestHandler(request, response))
  await new Promise<void>((resolve) => scraped.listen(0, '127.0.0.1', resolve))
  await using told = telemetry(
    {},
    { exporters: [new OTLPTraceExporter({ url: collected.url })], readers: [prometheus] },
  )
  using heard = watchedChannels()

  const transport = record(failover(to(closed.server.port), retry(to(good.server.port), { delayMs: 1 })))
  const mailer = new Mailer({ transport, observe: ({ error }) => void error })
  const message = {
    from: 'ann@sender.example',
    subject: SUBJECT,
    text: TEXT,
    attachments: [{ filename: FILE, content: TEXT }],
  }
  for (const address of PEOPLE)
    await mailer.send({ ...message, to: { name: 'Bob Builder', address } }, { failure: 'silent' })
  const inputs = PEOPLE.map((address) => ({ ...message, to: address }))
  for await (const { receipt } of mailer.sendMany(inputs, { context: { run: 7 } })) void receipt.ok
  await mailer.close()

  await told.tracerProvider.forceFlush()
  const { port } = scraped.address() as AddressInfo
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  scraped.closeAllConnections()
  scraped.close()
  const spans = collected.posts.join('\n')
  const raw = [...heard.sends, ...heard.attempts].flatMap((payload) => [
    inspect(payload, { depth: Infinity, showHidden: true }),
    JSON.stringify(payload),
    String(payload.error?.stack),
  ])
  const kept = inspect(told.spans(), { depth: Infinity })

  expect(collected.posts.join('').match(/"mail send"/g)).toHaveLength(10)
  expect(collected.posts.join('').match(/"mail attempt"/g)!.length).toBe(10)
  expect(spans).toContain('auth/bad-credentials')
  expect(spans).toContain('compose/invalid-address')
  for (const [name, count] of [
    ['mail_sends_total', 3],
    // This exporter leaves the unit out. In the collector and in Prometheus itself, it is `_seconds_count`.
    ['mail_send_duration_count', 3],
    ['mail_attempts_total', 4],
    ['mail_attempt_duration_count', 4],
    ['mail_transport_health', 3],
  ] as const)
    expect([name, metrics.match(new RegExp(`^${name}\\{`, 'gm'))?.length]).toEqual([
      name,
      expect.toSatisfy((found: number) => found >= count),
    ])
  const unknown = metrics
    .split('\n')
    .filter((line) => /^mail_sends_total.*rcpt-to\/mailbox-unknown/.test(line))
  expect(unknown.map((line) => [/silenced="(\w+)"/.exec(line)?.[1], line.split(' ').at(-1)])).toEqual([
    ['true', '1'],
    ['false', '1'],
  ])
  for (const [where, shown] of Object.entries({ spans, metrics, kept, raw: raw.join('\n') }))
    expect([where, HIDDEN.filter((each) => shown.includes(each))]).toEqual([where, []])
})
