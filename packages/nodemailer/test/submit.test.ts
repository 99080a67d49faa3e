import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { Transport } from '@loudmail/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodemailer, type TransporterInput } from '../src/index.ts'
import { failure, gist, message } from './setup.ts'

describe.concurrent('transporters that keep the message', () => {
  it.each([{ jsonTransport: true as const }, { streamTransport: true as const, buffer: true }])(
    '%j captures it',
    async (options) => {
      expect(await nodemailer(options).send(message())).toMatchObject({ state: 'captured', failures: [] })
    },
  )
})

describe.concurrent('Amazon SES', () => {
  it('delivers, with the envelope of the message', async () => {
    const commands: { input: { Destination: object } }[] = []
    const transport = ses((command) => {
      commands.push(command as (typeof commands)[0])
      return { MessageId: 'abc' }
    })
    const to = ['bob@rcpt.example', 'hidden@rcpt.example']
    expect(await transport.send(message({ envelope: { to } }))).toMatchObject({
      state: 'sent',
      response: 'abc',
    })
    expect(commands[0]!.input.Destination).toEqual({ ToAddresses: to })
  })

  it.each([
    ['TooManyRequestsException', 429, 'rate-limited', 'transient', 'none'],
    ['ThrottlingException', 400, 'rate-limited', 'transient', 'none'],
    ['AccessDeniedException', 403, 'bad-credentials', 'permanent', 'none'],
    ['ExpiredTokenException', 403, 'oauth-token', 'permanent', 'none'],
    ['MailFromDomainNotVerifiedException', 400, 'sender-not-owned', 'permanent', 'none'],
    ['MessageRejected', 400, 'rejected', 'permanent', 'none'],
    ['InternalServiceErrorException', 500, 'server-error', 'transient', 'none'],
    ['SomethingNew', 500, 'server-error', 'unknown', 'unknown'],
    ['SomethingNew', 503, 'service-unavailable', 'transient', 'none'],
    ['SomethingNew', 504, 'timeout', 'unknown', 'unknown'],
  ])('%s with status %i is %s', async (name, httpStatusCode, kind, permanence, delivered) => {
    const transport = ses(() => {
      throw Object.assign(new Error('what the service says'), { name, $metadata: { httpStatusCode } })
    })
    const error = await failure(transport)
    expect(gist(error)).toMatchObject({ code: `submit/${kind}`, permanence, delivered })
    expect(error.reply).toEqual({ protocol: 'http', code: httpStatusCode, text: 'what the service says' })
    expect((error.cause as Error).message).toBe('what the service says')
  })

  it.each<[where: string, more: object, ms: number | undefined]>([
    ['the AWS SDK', { $response: { headers: { 'retry-after': '7' } } }, 7_000],
    ['an HTTP client', { response: { headers: { 'Retry-After': '7' } } }, 7_000],
    ['fetch', { response: { headers: new Headers({ 'retry-after': '7' }) } }, 7_000],
    ['another client', { headers: { 'retry-after': 7 } }, 7_000],
    ['nobody', { response: { headers: new Headers({ date: 'now' }) }, headers: null }, undefined],
  ])('the Retry-After of %s is how long to wait', async (_where, more, ms) => {
    const transport = ses(() => {
      throw Object.assign(new Error('no'), { $metadata: { httpStatusCode: 429 }, ...more })
    })
    expect(await failure(transport)).toMatchObject({ code: 'submit/rate-limited', retryAfterMs: ms })
  })

  it.each([
    ['ENOTFOUND', 'host-not-found', 'none'],
    ['ECONNREFUSED', 'connection-refused', 'none'],
    ['ECONNRESET', 'connection-lost', 'unknown'],
    ['EWHATEVER', 'unexpected', 'unknown'],
  ])('a connection that fails with %s is %s', async (code, kind, delivered) => {
    const transport = ses(() => {
      throw Object.assign(new Error('no'), { code })
    })
    expect(gist(await failure(transport))).toMatchObject({ code: `submit/${kind}`, delivered })
  })

  it('a send that is ended while the service works on it is unknown, and told late', async () => {
    const go = Promise.withResolvers<object>()
    const begun = Promise.withResolvers<void>()
    const late = Promise.withResolvers<unknown>()
    const transport = ses(() => {
      begun.resolve()
      return go.promise
    })
    const controller = new AbortController()
    const failed = failure(transport, message(), { signal: controller.signal, late: late.resolve })
    await begun.promise
    controller.abort()
    expect(gist(await failed)).toMatchObject({ code: 'submit/aborted', delivered: 'unknown' })
    go.resolve({ MessageId: 'abc' })
    expect(await late.promise).toMatchObject({ state: 'sent' })
  })

  it('verify tells why it would not work', async () => {
    const transport = ses(() => {
      throw Object.assign(new Error('no'), {
        name: 'AccessDeniedException',
        $metadata: { httpStatusCode: 403 },
      })
    })
    await expect(transport.verify!()).rejects.toMatchObject({
      code: 'submit/bad-credentials',
      delivered: 'none',
    })
  })
})

describe.concurrent('sendmail', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loudmail-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function sendmail(script: string): Promise<Transport> {
    const path = join(folder, `sendmail-${Math.random()}`)
    await writeFile(path, `#!/bin/sh\n${script}\n`)
    await chmod(path, 0o700)
    return nodemailer({ sendmail: true, path })
  }

  it('takes a message', async () => {
    expect(await (await sendmail('cat > /dev/null')).send(message())).toMatchObject({ state: 'sent' })
  })

  it.each([
    [67, 'mailbox-unknown', 'permanent'],
    [68, 'domain-unknown', 'permanent'],
    [69, 'service-unavailable', 'transient'],
    [77, 'policy', 'permanent'],
    [78, 'invalid-config', 'permanent'],
  ])('exit status %i is %s', async (status, kind, permanence) => {
    const error = await failure(await sendmail(`cat > /dev/null; echo the reason >&2; exit ${status}`))
    expect(gist(error)).toMatchObject({ code: `submit/${kind}`, permanence, delivered: 'none' })
    expect(error.summary).toContain(`exit status ${status}`)
  })

  it('a status that says nothing leaves it unknown, and so does a refusal of one among several', async () => {
    expect(gist(await failure(await sendmail('cat > /dev/null; exit 1')))).toMatchObject({
      code: 'submit/unexpected',
      delivered: 'unknown',
    })
    const several = message({ to: ['bob@rcpt.example', 'carol@rcpt.example'] })
    expect(gist(await failure(await sendmail('cat > /dev/null; exit 67'), several))).toMatchObject({
      code: 'submit/mailbox-unknown',
      delivered: 'unknown',
    })
  })

  it('one that Sendmail ends with when the message waits in its queue leaves it unknown', async () => {
    expect(gist(await failure(await sendmail('cat > /dev/null; exit 75')))).toMatchObject({
      code: 'submit/server-error',
      delivered: 'unknown',
    })
  })

  it('a program that does not exist', async () => {
    const transport = nodemailer({ sendmail: true, path: join(folder, 'not-there') })
    expect(gist(await failure(transport))).toMatchObject({ code: 'submit/invalid-config', delivered: 'none' })
  })

  it('an address that could be an option', async () => {
    const error = await failure(await sendmail('exit 0'), message({ to: '-oQ@rcpt.example' }))
    expect(gist(error)).toMatchObject({ code: 'compose/invalid-address', delivered: 'none' })
  })
})

describe.concurrent('plugins', () => {
  it('one that resolves although it refused a recipient', async () => {
    const transport = plugin((_mail, done) => done(null, { rejected: ['no@rcpt.example'] }))
    const error = await failure(transport, message({ to: ['bob@rcpt.example', 'no@rcpt.example'] }))
    expect(gist(error)).toMatchObject({ delivered: 'some', statuses: ['accepted', 'rejected'] })
  })

  it('one whose error has the reply of a server', async () => {
    const transport = plugin((_mail, done) =>
      done(Object.assign(new Error('no'), { response: '550 5.7.26 DMARC', responseCode: 550 })),
    )
    expect(gist(await failure(transport))).toMatchObject({
      code: 'submit/authentication-policy',
      delivered: 'none',
    })
  })

  it('one that fails in a way nobody knows, with a secret of its options', async () => {
    const transport = nodemailer({
      name: 'api',
      version: '1',
      options: { apiKey: 'key-0123456789' },
      send: (_mail: unknown, done: (error: Error) => void) => done(new Error('key-0123456789 is not valid')),
    } as TransporterInput)
    const error = await failure(transport)
    expect(gist(error)).toMatchObject({ code: 'submit/unexpected', delivered: 'unknown' })
    expect(inspect(error, { depth: 9 })).not.toContain('key-0123456789')
  })
})

function ses(send: (command: unknown) => unknown): Transport {
  class SendEmailCommand {
    readonly input: unknown
    constructor(input: unknown) {
      this.input = input
    }
  }
  const sesClient = { send: async (command: unknown) => send(command) }
  return nodemailer({ SES: { sesClient, SendEmailCommand } })
}

function plugin(
  send: (mail: unknown, done: (error: Error | null, info?: unknown) => void) => void,
): Transport {
  return nodemailer({ name: 'plugin', version: '1', send } as unknown as TransporterInput)
}
