import { MailError } from '@loudmail/core'
import type { SmtpOptions } from '@loudmail/smtp'
import { probe } from '@loudmail/smtp/probe'
import { describe, expect, it } from 'vitest'
import {
  auth,
  AUTH_CAPS,
  expectToWork,
  fixesFor,
  logIns,
  optionsFor,
  PASSWORD,
  start,
  STARTTLS,
  USER,
  users,
} from './fix-scene.ts'
import { oneAtATime } from './one-at-a-time.ts'

const OPEN = { caps: AUTH_CAPS, users, requireAuth: true } as const
const OTHER = { wishes: { from: 'news@elsewhere.example' } }
const ownOnly = ({ line }: { readonly line: string }): string | undefined =>
  line.includes(USER) ? undefined : '553 5.7.1 Sender address rejected: not owned by user ann@sender.example'

describe('a sender that is refused', () => {
  it('the address of the account is accepted', async () => {
    await using server = await start({ ...OPEN, on: { MAIL: ownOnly } })
    const options = optionsFor(server, { auth })
    const { failure, fixes } = await fixesFor(options, OTHER)
    expect(failure.kind).toBe('sender-not-owned')
    expect(fixes[0]!.change).toContain(`Send from \`${USER}\``)
    expect(logIns(server)).toBe(2)
    await expectToWork(fixes[0], options, { from: USER })
  })

  it('refused only with the recipient, as Postfix does', async () => {
    const script = {
      ...OPEN,
      on: {
        RCPT: ({ envelope }: { readonly envelope?: { readonly from: string } | undefined }) =>
          envelope?.from === USER ? undefined : '550 5.1.0 Sender address rejected: not allowed',
      },
    }
    await using server = await start(script)
    const options = optionsFor(server, { auth })
    const { fixes } = await fixesFor(options, OTHER)
    await expectToWork(fixes[0], options, { from: USER })
  })
})

it('two mistakes, of which the second shows only after the log-in of the run: both are said', async () => {
  await using server = await start({ ...OPEN, on: { MAIL: ownOnly } })
  const options = optionsFor(server, { auth: { ...auth, pass: `${PASSWORD} ` } })
  const { fixes } = await fixesFor(options, OTHER)
  expect(fixes[0]).toMatchObject({
    verified: false,
    change: expect.stringMatching(/white space.*gets further, but fails with mail-from\/sender-not-owned/),
  })
  expect(fixes[1]!.change).toContain(`Send from \`${USER}\``)
  expect(logIns(server)).toBe(2)
})

it('a made-up sender that the server refuses says nothing about the change', async () => {
  await using server = await start({ ...STARTTLS, users: { ann: PASSWORD }, on: { MAIL: ownOnly } })
  const options = optionsFor(server, { auth: { user: 'ann', pass: PASSWORD }, tls: 'implicit' })
  const { fixes } = await fixesFor(options, { wishes: { from: undefined, to: [] } })
  expect(fixes[0]).toMatchObject({ verified: true, options: { tls: 'opportunistic' } })
})

it('addresses may have names', async () => {
  await using server = await start({ ...STARTTLS })
  const options = optionsFor(server, { auth, tls: 'implicit' })
  const wishes = { from: `Ann <${USER}>`, to: ['Bob <bob@recipient.example>'] }
  await expectToWork((await fixesFor(options, { wishes })).fixes[0], options)
})

describe('mail that is refused', () => {
  it('for other domains, without a log-in: log in', async () => {
    await using server = await start({ on: { RCPT: '554 5.7.1 Relay access denied' } })
    const { failure, fixes } = await fixesFor(optionsFor(server))
    expect(failure.kind).toBe('relay-denied')
    expect(fixes[0]).toMatchObject({ options: { auth: { user: 'USER', pass: 'PASSWORD' } }, verified: false })
  })

  it('for other domains, on the port for mail between servers: port 587', async () => {
    await using relay = await start({ caps: AUTH_CAPS, users, on: { RCPT: '554 5.7.1 Relay access denied' } })
    await using server = await start(STARTTLS)
    const options = optionsFor(relay, { auth })
    const { fixes } = await fixesFor(options, { ports: { relay: relay.port, submission: server.port } })
    expect(logIns(server)).toBe(1)
    await expectToWork(fixes[0], options)
  })

  it('for now: time helps, and nothing on this side', async () => {
    await using server = await start({ on: { RCPT: '451 4.7.1 Greylisted, try again in 300 seconds' } })
    const { fixes, tried } = await fixesFor(optionsFor(server))
    expect(fixes).toEqual([
      { change: expect.stringMatching(/Wait at least 5 minutes.*retry\(\)/), verified: false },
    ])
    expect(tried).toEqual([])
  })

  it('because only TLS is allowed', async () => {
    await using server = await start({
      caps: ['STARTTLS'],
      capsTls: ['PIPELINING'],
      on: {
        MAIL: ({ connection }) =>
          connection.tls ? undefined : '530 5.7.0 Must issue a STARTTLS command first',
      },
    })
    const options = optionsFor(server, { tls: 'none' })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.kind).toBe('tls-required')
    await expectToWork(fixes[0], options)
  })
})

describe('the name of this client', () => {
  const unlessLiteral = ({ line }: { readonly line: string }): string | undefined =>
    line.includes('[') ? undefined : '550 5.7.1 HELO name is not acceptable: need a fully qualified hostname'

  it('refused at EHLO: its address as a literal', async () => {
    await using server = await start({ ...OPEN, on: { EHLO: unlessLiteral, HELO: unlessLiteral } })
    const options = optionsFor(server, { auth, name: 'localhost' })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.stage).toBe('ehlo')
    expect(fixes[0]).toMatchObject({ options: { name: '[127.0.0.1]' } })
    expect(fixes[0]!.url).toContain('name=%5B127.0.0.1%5D')
    await expectToWork(fixes[0], options)
  })

  it('refused as a literal: the domain of the sender', async () => {
    const unlessName = ({ line }: { readonly line: string }): string | undefined =>
      line.includes('sender.example') ? undefined : '550 5.7.1 HELO name is not acceptable'
    await using server = await start({ on: { EHLO: unlessName, HELO: unlessName } })
    const options = optionsFor(server)
    const { fixes } = await fixesFor(options)
    expect(fixes[0]).toMatchObject({ options: { name: 'sender.example' } })
    await expectToWork(fixes[0], options)
  })
})

describe('extensions that are offered and broken', () => {
  it('PIPELINING: one command at a time', async () => {
    await using server = await oneAtATime()
    const options = optionsFor(server)
    const failure = await failureOfAll(options)
    expect(failure.reply?.code).toBe(503)
    const { fixes } = await fixesFor(options, { failure })
    expect(fixes[0]!.options).toEqual({ pipelining: false })
    await expectToWork(fixes[0], options)
    expect((await fixesFor(options, { failure, words: 'nodemailer' })).fixes[0]!.options).toBeUndefined()
  })

  it('CHUNKING: DATA, which is not tried, so that nothing is sent', async () => {
    await using server = await start({ caps: ['CHUNKING'] })
    const options = optionsFor(server)
    const entry = { connection: 'c1', sequence: 1, atMs: 1 }
    const failure = new MailError({
      stage: 'body',
      kind: 'protocol',
      reply: { protocol: 'smtp', code: 500, text: 'Unknown command', command: 'BDAT' },
      transcript: { entries: [{ ...entry, from: 'client', text: 'BDAT 1000 LAST' }] },
    })
    const { fixes } = await fixesFor(options, { failure })
    expect(fixes[0]).toMatchObject({ options: { chunking: false }, verified: false })
    expect(server.connections).toHaveLength(0)
  })
})

/** What an application sees that sends MAIL and RCPT at once, and does not try again. */
async function failureOfAll(options: SmtpOptions): Promise<MailError> {
  const opened = await probe(options)
  const replies = await opened.askTogether([
    { stage: 'mail-from', command: `MAIL FROM:<${USER}>` },
    { stage: 'rcpt-to', command: 'RCPT TO:<bob@recipient.example>' },
  ])
  const transcript = opened.transcript()
  opened.close()
  return new MailError({ stage: 'rcpt-to', kind: 'protocol', reply: replies[1], transcript })
}

it('nothing is ever sent while a fix is looked for', async () => {
  await using server = await start({ ...OPEN, on: { MAIL: ownOnly } })
  await fixesFor(optionsFor(server, { auth }), OTHER)
  expect(server.messages).toHaveLength(0)
  expect(PASSWORD).not.toBe('')
})
