import { inspect } from 'node:util'
import {
  formatTranscript,
  MailError,
  toMessage,
  type Message,
  type Transcript,
  type TranscriptEntry,
  type Transport,
} from '@loudmail/core'
import { startServer, type Action, type ServerScript, type SmtpServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { smtp, type SmtpAuth, type SmtpOptions } from '../src/index.ts'

/** Random, and the same in every run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}

const pick = <T>(next: () => number, items: readonly T[]): T => items[Math.floor(next() * items.length)]!

const REFUSALS: readonly Action[] = [
  '550 5.1.1 No such user',
  '451 4.7.1 Greylisted, come back later',
  '452 4.2.2 Mailbox full',
  '550-several lines\n550-5.7.1 of refusal\n550 at once',
]

function randomScript(next: () => number): ServerScript {
  const caps = [
    'ENHANCEDSTATUSCODES',
    '8BITMIME',
    ...['PIPELINING', 'CHUNKING', 'SIZE 1000000', 'SMTPUTF8'].filter(() => next() < 0.6),
  ]
  const sometimes = (chance: number): Action | undefined =>
    next() < chance ? pick(next, REFUSALS) : undefined
  return {
    caps,
    lf: next() < 0.2,
    keep: 'wire',
    on: {
      MAIL: () => sometimes(0.1),
      RCPT: () => sometimes(0.3),
      DATA: () => sometimes(0.05),
      DOT: () => sometimes(0.1),
    },
  } as ServerScript
}

const randomMessage = (next: () => number, n: number): Message =>
  toMessage({
    from: 'ann@sender.example',
    to: Array.from({ length: 1 + Math.floor(next() * 3) }, (_, index) => `user${n}-${index}@rcpt.example`),
    subject: `Number ${n}`,
    text: '.dots\n'.repeat(Math.floor(next() * 50)),
  })

/** Every line of every connection, from the transcripts of all messages joined by sequence. */
function joined(transcripts: readonly Transcript[]): Map<string, TranscriptEntry[]> {
  const connections = new Map<string, Map<number, TranscriptEntry>>()
  for (const entry of transcripts.flatMap(({ entries }) => entries)) {
    const lines = connections.get(entry.connection) ?? new Map<number, TranscriptEntry>()
    connections.set(entry.connection, lines.set(entry.sequence, entry))
  }
  return new Map(
    [...connections].map(([name, lines]) => [
      name,
      [...lines.values()].toSorted((a, b) => a.sequence - b.sequence),
    ]),
  )
}

/** What the server heard and said, in the terms of a transcript. */
function wireOf(server: SmtpServer, from: 'client' | 'server'): string[][] {
  return server.connections.map(({ entries }) =>
    entries
      .filter((entry) => entry.from === from)
      .flatMap(({ text }) => text.split('\n'))
      .filter((line) => line !== 'QUIT' && line !== '.' && !line.startsWith('221 ')),
  )
}

async function sendAll(transport: Transport, messages: readonly Message[]): Promise<Transcript[]> {
  const transcripts: Transcript[] = []
  await Promise.allSettled(
    messages.map((message) =>
      transport.send(message, { trace: { add: (transcript) => void transcripts.push(transcript) } }),
    ),
  )
  await transport.close!()
  return transcripts
}

describe('transcripts are true', () => {
  it('in 300 random conversations, joined by sequence, they are what the server heard and said', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const next = random(seed)
      const script = randomScript(next)
      await using server = await startServer(script)
      const pool = { connections: 1 + Math.floor(next() * 2), window: pick(next, [1, 4]) }
      const transport = smtp({ host: '127.0.0.1', port: server.port, tls: 'none', timeoutMs: 5_000, pool })
      const messages = Array.from({ length: 1 + Math.floor(next() * 4) }, (_, n) => randomMessage(next, n))
      const connections = [...joined(await sendAll(transport, messages)).values()]
      for (const from of ['client', 'server'] as const) {
        const told = connections.map((entries) =>
          entries
            .filter((entry) => entry.from === from)
            .map(({ text }) => text)
            .filter((line) => line !== '.' && line !== 'QUIT'),
        )
        // The order of the connections is nobody's promise; a connection that carried no message has no transcript.
        const wire = wireOf(server, from).filter((lines) =>
          lines.some((line) => from === 'server' || line.startsWith('MAIL')),
        )
        const carried =
          from === 'client' ? told.filter((lines) => lines.some((line) => line.startsWith('MAIL'))) : told
        expect(carried.length).toBeGreaterThan(0)
        for (const lines of carried) expect(wire, `seed ${seed}`).toContainEqual(lines)
      }
    }
  }, 60_000)
})

const MECHANISMS = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256', 'XOAUTH2', 'OAUTHBEARER'] as const
const ALPHABET = Array.from('abcXYZ0189 !"#$%&\'()*+,-./:;<=>?@[]^_{|}~\\äßλ漢😀')

/** Everything a program could print of what it was handed. */
function everything(value: unknown): string {
  const error = value as Error & { transcript?: Transcript }
  return [
    inspect(value, { depth: 12, showHidden: true }),
    JSON.stringify(value),
    error?.message,
    error?.stack,
    formatTranscript(error?.transcript),
    JSON.stringify(error?.transcript),
    inspect(error?.cause, { depth: 9, showHidden: true }),
  ].join('\n')
}

function encodings(secret: string, user: string): string[] {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return [
    secret,
    base64(secret),
    base64(`\0${user}\0${secret}`),
    base64(`user=${user}\u0001auth=Bearer ${secret}\u0001\u0001`),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('base64url'),
  ]
}

describe('secrets', () => {
  it('of 2,000 random credentials, in every mechanism and with servers that echo them, none is found anywhere', async () => {
    const next = random(42)
    for (const mechanism of MECHANISMS) {
      const isToken = mechanism === 'XOAUTH2' || mechanism === 'OAUTHBEARER'
      let secret = ''
      let heard = ''
      await using server = await startServer({
        caps: ['PIPELINING', `AUTH ${mechanism}`],
        users: mechanism === 'SCRAM-SHA-256' || mechanism === 'CRAM-MD5' ? { ann: 'not it' } : {},
        on: {
          AUTH: ({ line }) => {
            heard = line
            const shapes = [
              `535 5.7.8 no, not ${secret} (${heard})`,
              `535-you said ${heard}\n535 5.7.8 ${Buffer.from(secret).toString('base64')}`,
              `what? ${secret}`,
              `454 4.7.0 ${encodeURIComponent(secret)}`,
            ]
            return { raw: `${pick(next, shapes).replaceAll('\n', '\r\n')}\r\n` }
          },
        },
      })
      for (let n = 0; n < 335; n++) {
        secret = Array.from({ length: 6 + Math.floor(next() * 30) }, () => pick(next, ALPHABET))
          .join('')
          .trim()
          .padEnd(6, 'x')
        const auth = (
          isToken ? { user: 'ann', accessToken: secret } : { user: 'ann', pass: secret, method: mechanism }
        ) as SmtpAuth
        const options: SmtpOptions = {
          host: '127.0.0.1',
          port: server.port,
          tls: 'none',
          auth: { ...auth, method: mechanism } as SmtpAuth,
          timeoutMs: 5_000,
        }
        const transport = smtp(options)
        const error = await transport
          .send(toMessage({ from: 'ann@sender.example', to: 'bob@rcpt.example' }))
          .then(
            () => undefined,
            (thrown: unknown) => thrown,
          )
        await transport.close!()
        expect(MailError.is(error), `${mechanism} ${JSON.stringify(secret)}`).toBe(true)
        const shown = everything(error) + inspect(transport, { depth: 9, showHidden: true }) + transport.name
        expect(shown).toContain('<redacted>')
        for (const form of encodings(secret, 'ann'))
          expect(shown.includes(form), `${mechanism} ${JSON.stringify(secret)} as ${form} in\n${shown}`).toBe(
            false,
          )
      }
    }
  }, 120_000)
})
