import { memory, MailError, type Transport } from '@loudmail/core'
import { nodemailer } from '@loudmail/nodemailer'
import { startServer, type ServerScript } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { createTransport } from 'nodemailer'
import { describe, expect, it } from 'vitest'
import type { Wishes } from '../../src/doctor/target.ts'
import { walked } from './walked.ts'

async function visit(script: ServerScript, wishes: Partial<Wishes> = {}) {
  const server = await startServer(script)
  const auth = { user: 'ann@example.com', pass: 's3cret-word' }
  const transporter = createTransport({ host: server.host, port: server.port, auth, pool: true })
  const found = await walked({ transport: nodemailer(transporter) }, wishes)
  await server.close()
  return { ...found, server }
}

const AUTH = { caps: ['PIPELINING', 'AUTH PLAIN'] }

describe('a transport that shows no options', () => {
  it('is verified, and its conversation gives the steps', async () => {
    const { told, step, failure, server } = await visit(AUTH)
    expect(failure).toBeUndefined()
    expect(told).toEqual(['pass connection', 'pass greeting', 'pass EHLO', 'pass log-in', 'skip send'])
    expect(step('EHLO').detail).toBe('It offers PIPELINING and log-in (PLAIN).')
    expect(step('log-in').reply).toMatchObject({ code: 235 })
    expect(server.messages).toEqual([])
  })

  it('shows the step that failed, with what the server said', async () => {
    const { told, step, failure } = await visit({ ...AUTH, users: { 'ann@example.com': 'other' } })
    expect(failure?.code).toBe('auth/bad-credentials')
    expect(told.slice(-2)).toEqual(['pass EHLO', 'fail log-in'])
    expect(step('log-in')).toMatchObject({ stage: 'auth', reply: { code: 535 } })
  })

  it('sends if it is asked to', async () => {
    const { step, server } = await visit(AUTH, { to: ['bob@rcpt.example'], send: true })
    expect(step('send')).toMatchObject({ verdict: 'pass', reply: { code: 250 } })
    expect(server.messages).toHaveLength(1)
  })

  it('of smtp() has a conversation, too', async () => {
    await using server = await startServer(AUTH)
    const transport = smtp({ host: server.host, port: server.port })
    expect((await walked({ transport })).told).toEqual([
      'pass connection',
      'pass greeting',
      'pass EHLO',
      'skip send',
    ])
  })

  it('is only sent through when it has no verify()', async () => {
    const transport = memory()
    const { told, step } = await walked({ transport }, { to: ['bob@rcpt.example'], send: true })
    expect(told).toEqual(['skip verify', 'pass send'])
    expect(step('verify').detail).toBe('memory() has no verify(): only a send shows whether it works.')
    expect(step('send').detail).toContain('captured')
  })

  it('that shows no conversation is one step', async () => {
    let closed = 0
    const close = async (): Promise<void> => void closed++
    const transport: Transport = { ...memory(), name: 'own', verify: () => Promise.resolve(), close }
    const { step } = await walked({ transport })
    expect(closed).toBe(1)
    expect(step('verify')).toMatchObject({ verdict: 'pass' })
    expect(step('verify').detail).toContain('the single steps are not known')
  })

  it.each([
    ['rejects', () => Promise.reject(new TypeError('x is not a function'))],
    [
      'throws at once',
      () => {
        throw new TypeError('x is not a function')
      },
    ],
  ])('that %s with an error of its own is a failure, not a mistake of the doctor', async (_, fail) => {
    const { failure } = await walked({ transport: { ...memory(), name: 'own', verify: fail } })
    expect(failure?.code).toBe('connect/unexpected')
    expect(failure?.summary).toContain('TypeError: x is not a function')
    const wishes = { to: ['bob@rcpt.example'], send: true }
    const sending = await walked({ transport: { name: 'own', send: fail } }, wishes)
    expect(sending.failure?.code).toBe('submit/unexpected')
  })

  it('that fails without a conversation names the stage of its failure', async () => {
    const failure = new MailError({ stage: 'submit', kind: 'bad-credentials' })
    const transport: Transport = { ...memory(), name: 'own', verify: () => Promise.reject(failure) }
    const found = await walked({ transport })
    expect(found.failure).toBe(failure)
    expect(found.told).toEqual(['fail submit'])
  })
})
