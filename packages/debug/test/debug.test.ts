import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  failover,
  formatTranscript,
  Mailer,
  MailError,
  memory,
  transportFromUrl,
  type FailureCode,
  type Transport,
} from '@loudmail/core'
import { transportContract } from '@loudmail/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { debug, memoryStore, record, debugSchemes, type MailStore } from '../src/index.ts'

const hello = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi\n.dot\n' }

afterEach(() => vi.unstubAllEnvs())

describe('debug()', () => {
  const create = () => {
    const transport = debug()
    return {
      transport,
      arrived: () => transport.store.mails.filter(({ error }) => !error).map(({ envelope }) => envelope),
    }
  }
  for (const { title, run } of transportContract({ create, converses: true, composes: true })) it(title, run)

  it('keeps the message as it went over the wire, with the conversation that carried it', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport })
    const receipt = await mailer.send(hello)
    expect(receipt).toMatchObject({ ok: true, state: 'captured', transport: 'debug()' })
    const [mail] = transport.store.mails
    expect(mail).toMatchObject({
      id: '000000001',
      state: 'captured',
      messageId: receipt.messageId,
      envelope: { to: ['bob@rcpt.example'] },
      from: 'ann@sender.example',
      to: ['bob@rcpt.example'],
      subject: 'Hello',
      text: 'Hi .dot',
    })
    expect(Buffer.from(mail!.content!).toString()).toMatch(
      /^Date: [^]*\r\nFrom: ann@sender\.example\r\n[^]*\r\n\r\nHi\r\n\.dot\r\n$/,
    )
    expect(mail!.transcript!.entries.map(({ text }) => text).join('\n')).toMatch(
      /^connected to [^]*220 [^]*EHLO[^]*RCPT TO:<bob@rcpt\.example>[^]*octets[^]*250/,
    )
    expect(receipt.transcript).toEqual(mail!.transcript)
  })

  it('keeps failed sends in the same list, with their diagnosis', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport, failure: 'silent', observe: (event) => void event.error })
    await mailer.send({ ...hello, attachments: [{ path: '/does/not/exist' }] })
    expect(transport.store.mails[0]).toMatchObject({
      error: { code: 'compose/attachment' },
    })
  })

  it('refuses to swallow mail in production, unless told so by name', () => {
    vi.stubEnv('NODE_ENV', 'production')
    expect(() => debug()).toThrow(/captureInProduction/)
    expect(() => transportFromUrl('debug:', debugSchemes)).toThrow(/production/)
    expect(debug({ captureInProduction: true }).name).toBe('debug()')
  })

  it('keeps what goes in part as it went, with the failure of the rest', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport, failure: 'silent', observe: (event) => void event.error })
    const to = ['bob@rcpt.example', 'fail+rcpt-to.mailbox-full@rcpt.example']
    const { error } = await mailer.send({ ...hello, to })
    expect(error).toMatchObject({ code: 'rcpt-to/mailbox-full', delivered: 'some', retryable: true })
    const [mail] = transport.store.mails
    expect(mail).toMatchObject({
      state: 'failed',
      code: 'rcpt-to/mailbox-full',
      error: { delivered: 'some' },
    })
    expect(Buffer.from(mail!.content!).toString()).toMatch(/\r\n\r\nHi\r\n\.dot\r\n$/)
  })

  it('keeps what would have gone out of a message that nobody took', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport, failure: 'silent', observe: (event) => void event.error })
    await mailer.send({ ...hello, to: 'fail+mail-from.policy@rcpt.example' })
    expect(Buffer.from(transport.store.mails[0]!.content!).toString()).toMatch(/^Subject: Hello\r$/m)
  })

  it.each(['', 'rcpt-to/mailbox-full', 'body/timeout', 'connect/proxy'])(
    'keeps no program from ending that forgets to close it: %j',
    async (code) => {
      const program = `
        import { Mailer } from '@loudmail/core'
        import { debug } from '@loudmail/debug'
        const mailer = new Mailer({ transport: debug({ rehearse: ${JSON.stringify(code)} || undefined }) })
        const { ok } = await mailer.send(
          { from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hello' },
          { failure: 'silent' },
        )
        console.log(ok)
      `
      const values = ['--conditions=@loudmail/source', '--input-type=module', '-e', program]
      const options = { cwd: import.meta.dirname, timeout: 10_000 }
      const { stdout } = await promisify(execFile)(process.execPath, values, options)
      expect(stdout).toBe(`${code === ''}\n`)
    },
  )

  describe('from a URL', () => {
    const from = (url: string) => transportFromUrl(url, debugSchemes)

    it('keeps mail in memory, or in a folder', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'loudmail-'))
      await using mailer = new Mailer({ transport: from(`debug:${folder}/my%20mails`) })
      await mailer.send(hello)
      expect(readdirSync(join(folder, 'my mails')).map((file) => file.split('.')[1])).toEqual(['eml', 'json'])
      rmSync(folder, { recursive: true })
      expect(from('debug:').name).toBe('debug()')
    })

    it('rehearses, and encrypts', async () => {
      await using mailer = new Mailer({
        transport: from('debug:?rehearse=auth/bad-credentials&tls=starttls'),
      })
      const error = await mailer.send(hello).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'auth/bad-credentials' })
      expect(formatTranscript((error as MailError).transcript)).toContain('encrypted with TLSv1.3')
    })

    it.each([
      ['debug://mails', /has no host/],
      ['debug:?reherse=x', /no parameter reherse/],
      ['debug:?rehearse=x', /cannot rehearse "x"/],
      ['debug:?tls=yes', /must be 'none', 'starttls' or 'implicit'/],
    ])('%s says what is wrong', (url, words) => expect(() => from(url)).toThrow(words))
  })

  it.each([
    [{ store: {} as MailStore }, /store/],
    [{ rehearse: 'body/mailbox' as FailureCode }, /body\/timeout/],
    [{ rehearse: 'nowhere/timeout' as FailureCode }, /greeting\/…/],
    [{ tls: true as never }, /tls/],
    [{ stores: 1 } as never, /no option "stores"/],
  ])('%o is a mistake in the configuration, whatever the policy', (options, words) => {
    expect(() => debug(options)).toThrow(words)
  })
})

describe('record()', () => {
  const create = () => {
    const inner = debug()
    return {
      transport: record(inner),
      arrived: () => inner.store.mails.filter(({ error }) => !error).map(({ envelope }) => envelope),
    }
  }
  for (const { title, run } of transportContract({ create, converses: true, composes: true })) it(title, run)

  it('puts the conversation of every try into the receipt, through wrappers', async () => {
    const failing: Transport = {
      name: 'failing()',
      async send(_message, context) {
        const transcript = {
          entries: [{ from: 'event', text: 'refused', atMs: 0, connection: 'x', sequence: 0 }],
        } as const
        context?.trace?.add(transcript)
        throw new MailError({ stage: 'connect', kind: 'connection-refused', transcript })
      },
    }
    const store = memoryStore()
    await using mailer = new Mailer({
      transport: record(failover(failing, debug()), { store }),
      observe: (event) => void event.error,
    })
    const receipt = await mailer.send(hello)
    const lines = receipt.transcript!.entries.map(({ text }) => text)
    expect(lines[0]).toBe('refused')
    expect(lines.some((line) => line.startsWith('MAIL FROM'))).toBe(true)
    expect(store.mails[0]!.transcript).toEqual(receipt.transcript)
    expect(store.mails[0]).toMatchObject({ state: 'captured', subject: 'Hello', transport: 'debug()' })
  })

  it('keeps a message that was built elsewhere by what stands in it', async () => {
    const store = memoryStore()
    await using mailer = new Mailer({ transport: record(memory(), { store }) })
    await mailer.send({
      raw: 'From: =?utf-8?Q?J=C3=BCrgen?= <j@sender.example>\r\nTo: bob@rcpt.example\r\nSubject: Raw\r\n\r\nHi there\r\n',
      envelope: { from: 'bounces@sender.example', to: 'bob@rcpt.example' },
    })
    expect(store.mails[0]).toMatchObject({
      from: 'Jürgen <j@sender.example>',
      subject: 'Raw',
      text: 'Hi there',
    })
  })

  it('keeps failures in its store, and lets them through', async () => {
    const store = memoryStore()
    const transport = record(memory(), { store })
    await transport.close!()
    await expect(new Mailer({ transport }).send(hello)).rejects.toMatchObject({ code: 'queue/pool-closed' })
    expect(store.mails[0]!.error?.code).toBe('queue/pool-closed')
  })
})
