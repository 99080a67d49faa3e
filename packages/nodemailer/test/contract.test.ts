import { startServer } from '@loudmail/server'
import { transportContract, type ContractCase, type ContractSubject } from '@loudmail/testing'
import { createTransport } from 'nodemailer'
import { describe, it } from 'vitest'
import { nodemailer } from '../src/index.ts'

const PASSWORD = 'S3cr3t-p@ss-w0rd!'

describe.concurrent('a transporter that connects for every message keeps the transport contract', () => {
  const cases = transportContract({
    create: () => subject({}),
    refuses: true,
    converses: true,
    composes: true,
    secrets: [PASSWORD],
  })
  play(cases)
})

describe.concurrent('a pooled transporter keeps the transport contract', () => {
  const cases = transportContract({
    create: () => subject({ pool: true, maxConnections: 2 }),
    refuses: true,
    converses: true,
    composes: true,
    secrets: [PASSWORD],
  })
  play(cases)
})

describe.concurrent('a transporter that sends nothing keeps the transport contract', () => {
  for (const options of [{ jsonTransport: true as const }, { streamTransport: true as const }]) {
    const cases = transportContract({ create: () => ({ transport: nodemailer(options) }), composes: true })
    play(cases, `${Object.keys(options).join()}: `)
  }
})

function play(cases: readonly ContractCase[], prefix = ''): void {
  // oxlint-disable-next-line vitest/expect-expect -- each case asserts by itself
  for (const { title, run } of cases) it(`${prefix}${title}`, run)
}

async function subject(options: object): Promise<ContractSubject> {
  const server = await startServer({
    caps: ['PIPELINING', 'STARTTLS'],
    capsTls: ['PIPELINING', 'SIZE 10485760', 'ENHANCEDSTATUSCODES', '8BITMIME', 'AUTH PLAIN'],
    users: { ann: PASSWORD },
    requireAuth: true,
    on: {
      RCPT: {
        byRcpt: {
          'unknown@rcpt.example': '550 5.1.1 User unknown',
          'later@rcpt.example': '451 4.7.1 Greylisted, come back later',
        },
      },
    },
  })
  const transporter = createTransport({
    host: 'localhost',
    port: server.port,
    requireTLS: true,
    tls: { ca: server.ca },
    auth: { user: 'ann', pass: PASSWORD },
    ...options,
  })
  return {
    transport: nodemailer(transporter),
    arrived: () => server.messages.map(({ envelope }) => envelope),
    release: () => server.close(),
  }
}
