import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import {
  formatTranscript,
  logTo,
  Mailer,
  type MailError,
  type Receipt,
  type Transcript,
} from '@loudmail/core'
import type { ServerScript } from '@loudmail/server'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import type { SmtpAuth } from '../src/index.ts'
import { BASIC, message, scene } from './scene.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const octets = (text: string, mark: string): string =>
  Buffer.from(text).toString('hex').replaceAll(/../g, `${mark}$&`)
const lines = (text: string, size: number): string => text.match(new RegExp(`.{1,${size}}`, 'g'))!.join('\n')

/** How a server may repeat a secret. A line end stands for another line of the reply. */
const FORMS: readonly [string, (secret: string) => string][] = [
  ['as it is', (s) => s],
  ['in upper case', (s) => s.toUpperCase()],
  ['percent-encoded', encodeURIComponent],
  ['percent-encoded in lower case', (s) => octets(s, '%')],
  ['form-urlencoded', (s) => new URLSearchParams({ s }).toString().slice(2)],
  ['HTML-escaped', (s) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;')],
  ['in JSON', (s) => JSON.stringify(s).replaceAll(/[^ -~]/g, '\\u00e9')],
  ['quoted-printable', (s) => octets(s, '=').toUpperCase()],
  ['as xtext', (s) => octets(s, '+').toUpperCase()],
  ['in hex', (s) => octets(s, '')],
  ['in base64', base64],
  ['in base64 for URLs', (s) => Buffer.from(s).toString('base64url')],
  ['inside a SASL response', (s) => base64(`\0ann\0${s}`)],
  ['over lines', (s) => lines(s, 7)],
  ['in base64 over lines', (s) => lines(base64(s), 9)],
]

const SECRETS: readonly [string, SmtpAuth, string][] = [
  ['a password', { user: 'ann', pass: 'Zq7 é/W&x!9<k' }, 'Zq7 é/W&x!9<k'],
  [
    'a token',
    { user: 'ann', accessToken: 'ya29.a0AfH6SMBx-3_Jk9QwErTyUiOp1234567890' },
    'ya29.a0AfH6SMBx-3_Jk9QwErTyUiOp1234567890',
  ],
]

const reply = (code: string, text: string): { raw: string } => {
  const all = text.split('\n')
  return {
    raw: all.map((line, index) => `${code}${index === all.length - 1 ? ' ' : '-'}${line}\r\n`).join(''),
  }
}

const PLACES: readonly [string, (echo: string) => ServerScript['on']][] = [
  ['the greeting', (echo) => ({ CONNECT: () => reply('554', echo) })],
  ['the refusal of the log-in', (echo) => ({ AUTH: () => reply('535', `5.7.8 no ${echo}`) })],
  ['a challenge', (echo) => ({ AUTH: () => reply('334', echo) })],
  ['what is no reply', (echo) => ({ AUTH: () => ({ raw: `what? ${echo.replaceAll('\n', '\r\n')}\r\n` }) })],
  ['the refusal of a recipient', (echo) => ({ RCPT: () => reply('550', `5.1.1 ${echo}`) })],
  ['the refusal of the message', (echo) => ({ DOT: () => reply('554', `5.6.0 ${echo}`) })],
  ['the acceptance of the message', (echo) => ({ DOT: () => reply('250', `2.0.0 ${echo}`) })],
]

/** Everything that a program could print, log or store. */
function everything(receipt: Receipt, heard: readonly unknown[]): string {
  const { error } = receipt
  const options = { depth: Infinity, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity }
  return [
    inspect([receipt, heard, error?.cause], options),
    JSON.stringify([receipt, heard]),
    formatTranscript(error?.transcript),
    error?.message,
    error?.stack,
    error?.reply?.text,
    error?.recipients.map((recipient) => recipient.reply?.text).join('\n'),
  ].join('\n')
}

async function sendTo(script: ServerScript, auth: SmtpAuth): Promise<{ receipt: Receipt; shown: string }> {
  await using stage = await scene({ caps: [...BASIC, 'AUTH PLAIN LOGIN XOAUTH2'], ...script }, { auth })
  const heard: unknown[] = []
  const add = (transcript: Transcript): void => void heard.push(transcript, formatTranscript(transcript))
  const log = pino({}, { write: (line) => void heard.push(line, JSON.parse(line)) })
  const mailer = new Mailer({
    transport: {
      ...stage.transport,
      send: (sent, context) => stage.transport.send(sent, { ...context, trace: { add } }),
    },
    failure: 'silent',
    observe: [(event) => void heard.push(event), logTo(log)],
  })
  const receipt = await mailer.send({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hello' })
  return { receipt, shown: everything(receipt, heard) }
}

describe.each(SECRETS)('%s that the server repeats is nowhere', (_what, auth, secret) => {
  it.each(
    PLACES.flatMap(([place, script]) => FORMS.map(([how, form]) => [place, how, script, form] as const)),
  )('in %s, %s', async (place, _how, script, form) => {
    const echo = form(secret)
    const { receipt, shown } = await sendTo({ on: script(echo)! }, auth)
    expect(receipt.ok).toBe(place === 'the acceptance of the message')
    // What is no reply ends the conversation at its first line.
    const parts = echo.split('\n').filter((part) => part.length > 3)
    expect(
      parts.every((part) => shown.includes(part)),
      shown,
    ).toBe(false)
    if (place !== 'a challenge' && !(place === 'what is no reply' && parts.length > 1))
      expect(receipt.response ?? receipt.error!.message).toContain('<redacted>')
  })
})

it('a token that the server splits over a challenge and the refusal, at any place, cannot be read from the transcript', async () => {
  const [, auth, token] = SECRETS[1]!
  let at = 0
  await using stage = await scene(
    {
      caps: [...BASIC, 'AUTH XOAUTH2'],
      on: {
        AUTHCMD: () => `334 ${token.slice(0, at)}`,
        AUTH: () => `535 5.7.8 ${token.slice(at)}`,
      },
    },
    { auth },
  )
  const mailer = new Mailer({ transport: stage.transport, failure: 'silent', observe: () => {} })
  for (at = 1; at < token.length; at++) {
    const { error } = await mailer.send({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hello' })
    const said = error!.transcript!.entries.filter(({ from }) => from === 'server').map(({ text }) => text)
    expect(said.slice(-2)).toEqual(['334 <redacted>', '535 5.7.8 <redacted>'])
  }
})

it('the user of a proxy who has no password is a token', async () => {
  const proxy = createServer((socket) => {
    socket
      .on('error', () => {})
      .once('data', () => socket.end('HTTP/1.1 407 not proxy-token-9 but cHJveHktdG9rZW4tOTo=\r\n\r\n'))
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const { port } = proxy.address() as AddressInfo
  await using stage = await scene({}, { proxy: `http://proxy-token-9@127.0.0.1:${port}` })
  const error: unknown = await stage.transport.send(message()).catch((thrown: unknown) => thrown)
  expect((error as Error).message).toContain('407 not <redacted> but <redacted>')
  proxy.close()
})

describe('what was sent to log in is nowhere, and the user is where it was:', () => {
  const user = 'ann.longname@sender.example'
  const pass = 'xy'
  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256'] as const)(
    '%s, with a short password',
    async (method) => {
      let said: string[] = []
      await using stage = await scene(
        {
          caps: [...BASIC, `AUTH ${method}`],
          users: { [user]: pass },
          on: {
            RCPT({ connection }) {
              const sent = connection.lines.map((line) => line.replace(/^AUTH \S+ ?/, ''))
              // The user's name is no secret, and the first message of SCRAM has only that and a random number.
              const responses = sent.filter(
                (line) =>
                  /^[A-Za-z\d+/]{3,}=*$/.test(line) && line !== base64(user) && !line.startsWith('biwsb'),
              )
              // Of CRAM-MD5 and SCRAM, also what is inside the base64.
              const inside = responses.map((line) => Buffer.from(line, 'base64').toString())
              said = [...responses, ...inside.flatMap((text) => /(?: |,p=)(\S+)$/.exec(text)?.[1] ?? [])]
              return reply('550', `5.1.1 ${user}: ${said.join(' ')} ok`)
            },
          },
        },
        { auth: { user, pass, method } },
      )
      const error = (await stage.transport
        .send(message({ from: user }))
        .catch((thrown: unknown) => thrown)) as MailError
      expect(said.length).toBeGreaterThan(0)
      expect(error.message).toContain(`${user}: <redacted>`)
      expect(error.transcript!.entries.map(({ text }) => text)).toContainEqual(
        expect.stringContaining(`MAIL FROM:<${user}>`),
      )
      const shown = everything({ error } as Receipt, [])
      for (const secret of said) expect(shown).not.toContain(secret)
    },
  )
})

it('the token of the connection before is nowhere either', async () => {
  const tokens = ['first-token-4711', 'second-token-4712']
  let fetched = 0
  await using stage = await scene(
    {
      caps: [...BASIC, 'AUTH XOAUTH2'],
      on: { AUTH: { nthGlobal: [{ pass: true }, `535 5.7.8 not ${tokens.join(' or ')}`] } },
      tokens: { ann: tokens[0]! },
    },
    {
      auth: { user: 'ann', accessToken: () => tokens[fetched++] ?? 'third-token-4713' },
      pool: { messagesPerConnection: 1 },
    },
  )
  await stage.transport.send(message())
  const error = (await stage.transport.send(message()).catch((thrown: unknown) => thrown)) as MailError
  expect(fetched).toBeGreaterThan(1)
  expect(error.message).toContain('not <redacted> or <redacted>')
})
