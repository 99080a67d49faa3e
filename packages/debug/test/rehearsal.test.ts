import { Mailer, MailError, type FailureCode } from '@loudmail/core'
import { FAILURE_CODES, toMessage } from '@loudmail/core/transport'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { describe, expect, it } from 'vitest'
import { debug, rehearsable, type DebugTls } from '../src/index.ts'
import { rehearsals } from '../src/rehearsal/rehearsals.ts'

const hello = { from: 'ann@sender.example', to: ['bob@rcpt.example', 'eve@rcpt.example'], text: 'Hi' }

/** What a send through a transport rejects with. */
async function failure(transport: ReturnType<typeof smtp>, input: object = hello): Promise<MailError> {
  const thrown: unknown = await transport.send(toMessage(input)).catch((error: unknown) => error)
  if (MailError.is(thrown)) return thrown
  throw new TypeError(`it did not fail with a MailError: ${String(thrown)}`)
}

describe('rehearsal', () => {
  const MODES: readonly DebugTls[] = ['none', 'starttls', 'implicit']

  for (const tls of MODES) {
    const encryption = {
      none: 'without TLS',
      starttls: 'with STARTTLS',
      implicit: 'with TLS from the start',
    }[tls]
    describe.concurrent(encryption, () => {
      it.each([...rehearsals(tls).keys()])('%s arrives as that', async (rehearse) => {
        const transport = debug({ rehearse, tls })
        const error = await failure(transport)
        await transport.close!()
        expect(error.code).toBe(rehearse)
        expect(error.transport).toBe('debug()')
        expect(transport.store.mails).toMatchObject([
          { state: 'failed', code: rehearse, error: { hint: error.hint } },
        ])
        const stage = rehearse.split('/')[0]!
        if (tls !== 'none' && !['dns', 'connect', 'tls', 'greeting', 'ehlo'].includes(stage))
          expect(error.transcript?.entries.map(({ text }) => text)).toContain('encrypted with TLSv1.3')
      })
    })
  }

  it('knows more than a hundred failures, at every stage that has to do with a server', () => {
    expect(rehearsable.length).toBeGreaterThan(100)
    expect(new Set(rehearsable.map((code) => code.split('/')[0]))).toEqual(
      new Set(['dns', 'connect', 'tls', 'greeting', 'ehlo', 'auth', 'mail-from', 'rcpt-to', 'data', 'body']),
    )
  })

  it('knows every failure that a server causes, but those that it cannot play', () => {
    const played = new Set(rehearsable)
    expect(rehearsable.filter((code) => !FAILURE_CODES.includes(code))).toEqual([])
    const missing = FAILURE_CODES.filter((code) => {
      const [stage, kind] = code.split('/')
      const isOfThisSide =
        ['config', 'compose', 'queue', 'submit'].includes(stage!) ||
        ['aborted', 'unexpected', 'invalid-config', 'oauth-token'].includes(kind!)
      return !played.has(code) && !isOfThisSide && kind !== 'unreachable'
    })
    // What a look-up function says, what happens on the way to a proxy, and several final replies (LMTP).
    expect(missing).toEqual(['dns/timeout', 'dns/connection-lost', 'connect/connection-lost', 'body/mixed'])
  })

  it.each<[FailureCode, Parameters<typeof startServer>[0]]>([
    ['rcpt-to/mailbox-full', { on: { RCPT: '452 4.2.2 Mailbox full' } }],
    ['body/connection-lost', { on: { DOT: { close: 'fin' } } }],
    ['mail-from/policy', { on: { MAIL: '550 5.7.1 Refused by policy: your host is on a block list' } }],
    ['tls/certificate-untrusted', { cert: 'selfsigned', caps: ['PIPELINING', 'STARTTLS'] }],
  ])('%s is what smtp() says of a server that does the same', async (rehearse, script) => {
    await using server = await startServer({ caps: ['PIPELINING', 'ENHANCEDSTATUSCODES'], ...script })
    const real = smtp({
      host: '127.0.0.1',
      port: server.port,
      tls: rehearse.startsWith('tls') ? 'starttls' : 'none',
    })
    const [rehearsed, happened] = [await failure(debug({ rehearse })), await failure(real)]
    const facts = (error: MailError): object => {
      const { code, summary, scope, permanence, delivered, retryable, reply, recipients, hint } = error
      return { code, summary, scope, permanence, delivered, retryable, reply, recipients, hint }
    }
    expect(facts(rehearsed)).toEqual(facts(happened))
  })

  it('comes by a function of the message, and leaves the others alone', async () => {
    const transport = debug({
      rehearse: ({ envelope }) => (envelope.to.includes('eve@rcpt.example') ? 'data/spam' : undefined),
    })
    await using mailer = new Mailer({ transport, failure: 'silent', observe: (event) => void event.error })
    expect((await mailer.send(hello)).error?.code).toBe('data/spam')
    expect((await mailer.send({ ...hello, to: 'bob@rcpt.example' })).state).toBe('captured')
  })

  it('is loud about a function that asks for what cannot be rehearsed', async () => {
    await using mailer = new Mailer({ transport: debug({ rehearse: () => 'compose/attachment' }) })
    await expect(mailer.send(hello)).rejects.toMatchObject({
      code: 'config/invalid-config',
      delivered: 'none',
    })
  })

  describe('comes by the address', () => {
    const sent = async (...to: string[]): Promise<MailError | undefined> => {
      await using mailer = new Mailer({
        transport: debug(),
        failure: 'silent',
        observe: (event) => void event.error,
      })
      return (await mailer.send({ ...hello, to })).error
    }

    it('of one recipient, and the others get theirs', async () => {
      expect(await sent('bob@rcpt.example', 'fail+rcpt-to.mailbox-unknown@example.test')).toMatchObject({
        code: 'rcpt-to/mailbox-unknown',
        delivered: 'some',
        recipients: [{ status: 'accepted' }, { status: 'rejected', reply: { code: 550 } }],
      })
    })

    it('for the whole message, at any other stage', async () => {
      expect(await sent('bob@rcpt.example', 'fail+body.connection-lost@example.test')).toMatchObject({
        code: 'body/connection-lost',
        delivered: 'unknown',
      })
    })

    it('and each recipient has its own', async () => {
      const addresses = ['greylisted', 'mailbox-full'].map((kind) => `fail+rcpt-to.${kind}@example.test`)
      expect((await sent(...addresses))?.recipients.map(({ kind }) => kind)).toEqual([
        'greylisted',
        'mailbox-full',
      ])
    })

    it('and one that names no failure is refused, with the reason', async () => {
      expect(await sent('Fail+RCPT-TO.mailbox-full@example.test')).toMatchObject({
        code: 'rcpt-to/mailbox-full',
      })
      expect(await sent('fail+rcpt-to/mailbox-full@example.test')).toMatchObject({
        code: 'rcpt-to/mailbox-full',
      })
      expect(await sent('fail+mailbox-full@example.test')).toMatchObject({ code: 'rcpt-to/mailbox-unknown' })
      expect(await sent('fail+rcpt-to.nonsense@example.test')).toMatchObject({
        code: 'rcpt-to/mailbox-unknown',
        reply: { text: 'No such user here: there is no failure rcpt-to/nonsense to rehearse' },
      })
    })
  })

  it('of a whole transport is met by verify(), too', async () => {
    await using mailer = new Mailer({ transport: debug({ rehearse: 'auth/bad-credentials' }) })
    await expect(mailer.verify()).rejects.toMatchObject({ code: 'auth/bad-credentials' })
    await expect(new Mailer({ transport: debug() }).verify()).resolves.toBeUndefined()
  })

  it('of an address is met by verify() with that address', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport, defaults: { from: 'tea@example.com' } })
    await mailer.verify({ to: 'bob@example.test' })
    const to = ['bob@example.test', 'fail+rcpt-to.mailbox-full@example.test']
    await expect(mailer.verify({ to })).rejects.toMatchObject({
      code: 'rcpt-to/mailbox-full',
      delivered: 'none',
    })
    const blocked = mailer.verify({ to: 'fail+auth.bad-credentials@example.test' })
    await expect(blocked).rejects.toMatchObject({ code: 'auth/bad-credentials' })
    expect(transport.store.mails).toEqual([])
  })
})
