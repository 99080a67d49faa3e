import { startServer, type ServerScript, type SmtpServer } from '@loudmail/server'
import type { SmtpOptions } from '@loudmail/smtp'
import { describe, expect, it } from 'vitest'
import type { Wishes } from '../../src/doctor/target.ts'
import { walked, type Walked } from './walked.ts'

const CAPS = ['PIPELINING', 'SIZE 1000000', 'CHUNKING']

interface Visit extends Walked {
  readonly server: SmtpServer
  /** What the server was told on the connection of the probe. */
  readonly commands: readonly string[]
}

async function visit(
  script: ServerScript,
  wishes: Partial<Wishes> = {},
  options: Partial<SmtpOptions> = {},
): Promise<Visit> {
  const server = await startServer({ caps: CAPS, ...script })
  const found = await walked({ options: { host: server.host, port: server.port, ...options } }, wishes)
  const hasTalked = ({ entries }: (typeof server.connections)[number]): boolean =>
    entries.some(({ from }) => from === 'client')
  if (server.connections.some(hasTalked)) await server.waitFor('close', hasTalked)
  await server.close()
  const commands = server.connections
    .flatMap(({ entries }) => entries)
    .filter(({ from }) => from === 'client')
    .map(({ text }) => text)
  return { ...found, server, commands }
}

const to = ['bob@rcpt.example', 'eve@rcpt.example']

describe('the doctor asks for the sender and the recipients', () => {
  it('and sends nothing', async () => {
    const { told, server, commands, failure } = await visit({}, { from: 'ann@sender.example', to })
    expect(told.slice(5)).toEqual([
      'skip log-in',
      'pass MAIL FROM',
      'pass RCPT TO',
      'pass RCPT TO',
      'pass RSET',
      'pass PIPELINING',
      'pass QUIT',
      'skip send',
    ])
    const envelope = [
      'MAIL FROM:<ann@sender.example>',
      ...to.map((address) => `RCPT TO:<${address}>`),
      'RSET',
    ]
    expect(commands.slice(1)).toEqual([...envelope, ...envelope, 'QUIT'])
    expect(server.messages).toEqual([])
    expect(failure).toBeUndefined()
  })

  it('and says how to try recipients', async () => {
    const { step, commands } = await visit({})
    expect(step('RCPT TO')).toMatchObject({ stage: 'rcpt-to', verdict: 'skip' })
    expect(step('RCPT TO').detail).toContain('--to ann@example.com')
    expect(commands.some((command) => command.startsWith('RCPT'))).toBe(false)
  })

  it('with the user name as the sender if it is an address', async () => {
    const auth = { user: 'ann@sender.example', pass: 's3cret-word' }
    const { commands } = await visit({ caps: ['AUTH PLAIN'] }, {}, { auth })
    expect(commands).toContain('MAIL FROM:<ann@sender.example>')
  })

  it('with a made-up sender otherwise, whose refusal is only a warning', async () => {
    const script = { on: { MAIL: '553 5.7.1 Sender address rejected: not owned by user ann' } }
    const { step, failure } = await visit(script, { to })
    expect(failure).toBeUndefined()
    expect(step('MAIL FROM')).toMatchObject({ verdict: 'warn', reply: { code: 553 } })
    expect(step('MAIL FROM').detail).toContain('--from ann@example.com')
    expect(step('RCPT TO').verdict).toBe('skip')
  })

  it('also where the server refuses it only with the recipient', async () => {
    const script = { on: { RCPT: '550 5.1.8 Sender address rejected: Domain not found' } }
    const { step, failure } = await visit(script, { to })
    expect(failure).toBeUndefined()
    expect(step('RCPT TO')).toMatchObject({ stage: 'rcpt-to', verdict: 'warn', reply: { code: 550 } })
    const own = await visit(script, { to, from: 'ann@sender.example' })
    expect(own.failure?.code).toBe('rcpt-to/sender-rejected')
  })

  it('and fails when the server refuses the sender of the application', async () => {
    const script = { on: { MAIL: '553 5.7.1 Sender address rejected: not owned by user ann' } }
    const { step, failure, told } = await visit(script, { from: 'ann@sender.example', to, send: true })
    expect(failure?.code).toBe('mail-from/sender-not-owned')
    expect(step('MAIL FROM')).toMatchObject({ verdict: 'fail', reply: { code: 553 } })
    expect(told.slice(-2)).toEqual(['skip RCPT TO', 'skip send'])
  })

  it('and fails when the server wants a log-in, even with a made-up sender', async () => {
    const { failure } = await visit({ requireAuth: true, caps: ['AUTH PLAIN'] })
    expect(failure?.code).toBe('mail-from/auth-required')
  })

  it('and asks for every recipient, also after one was refused', async () => {
    const script = { on: { RCPT: { byRcpt: { [to[0]!]: '550 5.1.1 No such user' } } } }
    const { steps, failure, commands } = await visit(script, { to })
    const answers = steps.filter(({ name }) => name === 'RCPT TO')
    expect(answers.map(({ verdict }) => verdict)).toEqual(['fail', 'pass'])
    expect(answers[0]!.detail).toContain(to[0])
    expect(failure).toMatchObject({ code: 'rcpt-to/mailbox-unknown', reply: { code: 550 } })
    expect(commands.at(-1)).toBe('QUIT')
  })

  it('and announces the size of the largest message', async () => {
    const { commands, step } = await visit({}, { from: 'ann@sender.example', sizeOctets: 999_000 })
    expect(commands).toContain('MAIL FROM:<ann@sender.example> SIZE=999000')
    expect(step('MAIL FROM').detail).toContain('also for 999 kB')
  })

  it('and fails when the server takes no message of that size', async () => {
    const { commands, step, failure } = await visit({}, { sizeOctets: 25_000_000 })
    expect(failure?.code).toBe('mail-from/message-too-large')
    expect(step('MAIL FROM').detail).toBe(
      'A message of 25 MB is larger than the server accepts: it takes at most 1 MB.',
    )
    expect(commands.some((command) => command.startsWith('MAIL'))).toBe(false)
  })

  it('and fails for an address beyond ASCII that the server cannot take', async () => {
    const { failure } = await visit({}, { to: ['jörg@rcpt.example'] })
    expect(failure?.code).toBe('mail-from/smtputf8-required')
  })

  it('and fails before it connects for an address that is none', async () => {
    const { failure, server } = await visit({}, { to: ['bob'] })
    expect(failure?.code).toBe('compose/invalid-address')
    expect(server.connections).toEqual([])
  })

  it('and warns when RSET does not work', async () => {
    const { step, failure } = await visit({ on: { RSET: '500 5.5.1 Unknown command' } })
    expect(step('RSET')).toMatchObject({ verdict: 'warn', reply: { code: 500 } })
    expect(failure).toBeUndefined()
  })
})

describe('the doctor checks PIPELINING', () => {
  it.each<[string, ServerScript]>([
    ['answers only the first', { on: { RSET: { nth: [{ pass: true }, { stall: true }] } } }],
    ['closes the connection', { on: { RCPT: { nth: [{ pass: true }, { close: 'fin' }] } } }],
    [
      'refuses what it accepted alone',
      { on: { MAIL: { nth: [{ pass: true }, '503 5.5.0 Improper use of PIPELINING'] } } },
    ],
  ])('and fails when the server %s of commands that come together', async (_title, script) => {
    const { step, failure } = await visit(script, { to: [to[0]!] }, { timeoutMs: 500 })
    expect(failure).toMatchObject({ stage: 'mail-from', kind: 'protocol' })
    expect(failure!.hint).toContain('pipelining: false')
    expect(step('PIPELINING')).toMatchObject({ stage: 'mail-from', verdict: 'fail' })
    expect(step('PIPELINING').detail).toContain('The server offers PIPELINING, but')
  })

  it('only if the server offers it and the application uses it', async () => {
    expect((await visit({ caps: [] })).step('PIPELINING').verdict).toBe('skip')
    const switchedOff = await visit({}, {}, { pipelining: false })
    expect(switchedOff.step('PIPELINING').detail).toContain('pipelining: false')
    expect(switchedOff.commands.filter((command) => command.startsWith('MAIL'))).toHaveLength(1)
  })
})

describe('the doctor sends', () => {
  it('a short message that says what it is, if it is asked to', async () => {
    const { step, server } = await visit({}, { from: 'ann@sender.example', to, send: true })
    expect(step('send')).toMatchObject({ stage: 'body', verdict: 'pass', reply: { code: 250 } })
    expect(server.messages).toHaveLength(1)
    expect(server.messages[0]!.envelope).toMatchObject({ from: 'ann@sender.example', to })
    expect(String(server.messages[0]!.content)).toContain('Subject: Test message from loudmail doctor')
  })

  it('nothing to nobody', async () => {
    const { told, server } = await visit({}, { from: 'ann@sender.example', send: true })
    expect(server.messages).toEqual([])
    expect(told.at(-1)).toBe('pass QUIT')
  })

  it('a message of the size of the largest, in chunks', async () => {
    const { server, commands } = await visit({}, { to, send: true, sizeOctets: 500_000 })
    const [message] = server.messages
    expect(message!.content.length).toBeGreaterThan(490_000)
    expect(message!.content.length).toBeLessThanOrEqual(500_000)
    expect(commands.some((command) => command.startsWith('BDAT'))).toBe(true)
  })

  it('and shows the failure of the send', async () => {
    const script = { on: { DOT: '554 5.7.1 This looks like spam' } }
    const { step, failure } = await visit(script, { to, send: true })
    expect(failure).toMatchObject({ code: 'body/spam', delivered: 'none' })
    expect(failure!.recipients.map(({ address }) => address)).toEqual(to)
    expect(step('send')).toMatchObject({ stage: 'body', verdict: 'fail', reply: { code: 554 } })
  })
})
