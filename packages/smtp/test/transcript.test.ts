import { inspect } from 'node:util'
import {
  formatTranscript,
  MailError,
  type Message,
  type Transcript,
  type TranscriptEntry,
  type Transport,
} from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { startServer, type Action, type ServerScript } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { smtp, type SmtpAuth, type SmtpOptions } from '../src/index.ts'
import { recordingProxy, type Recording } from './recording-proxy.ts'

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

function randomScript(next: () => number, more: readonly string[]): ServerScript {
  const caps = [
    ...more,
    'ENHANCEDSTATUSCODES',
    '8BITMIME',
    ...['PIPELINING', 'CHUNKING', 'SIZE 1000000', 'SMTPUTF8'].filter(() => next() < 0.6),
  ]
  const sometimes = (chance: number): Action | undefined =>
    next() < chance ? pick(next, REFUSALS) : undefined
  return {
    caps,
    lf: next() < 0.2,
    on: {
      MAIL: () => sometimes(0.1),
      RCPT: () => sometimes(0.3),
      DATA: () => sometimes(0.05),
      DOT: () => sometimes(0.1),
    },
  }
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

/** Where a transcript says something else than what went over the wire; undefined where it tells the truth. */
function contradiction(
  entries: readonly TranscriptEntry[],
  { client, server }: Recording,
): string | undefined {
  return (
    contradictionOf(
      entries.filter(({ from }) => from === 'client').map(({ text }) => text),
      client.toString('latin1'),
      'QUIT\r\n',
    ) ??
    contradictionOf(
      entries.filter(({ from }) => from === 'server').map(({ text }) => text),
      server.toString('latin1').replaceAll(/(?<!\r)\n/g, '\r\n'),
      '221 ',
    )
  )
}

/** Reads the wire along the lines; nothing but `leaveTaking` may be left of it. */
function contradictionOf(lines: readonly string[], wire: string, leaveTaking: string): string | undefined {
  let at = 0
  let before = ''
  for (const line of lines) {
    const octets = /^<(\d+) octets>$/.exec(line)
    const [shown, hidden] = line.split('<redacted>') as [string, string?]
    if (octets && before.startsWith('BDAT')) at += Number(octets[1])
    else if (octets) {
      // It ends with a CRLF of its own, before the lone dot.
      const end = wire.indexOf('\r\n.\r\n', at - 2) + 2
      const content = wire.slice(at, end).replaceAll(/(?<=^|\r\n)\.(?=[^])/g, '')
      if (content.length !== Number(octets[1])) return `${line}, but there were ${content.length}`
      at = end
    } else {
      const end = wire.indexOf('\r\n', at)
      const heard = wire.slice(at, end)
      if (hidden === undefined ? heard !== line : !heard.startsWith(shown) || heard === line)
        return `${JSON.stringify(line)}, but it was ${JSON.stringify(heard)}`
      at = end + 2
    }
    before = line
  }
  const left = wire.slice(at)
  return left === '' || left.startsWith(leaveTaking) ? undefined : `nothing of ${JSON.stringify(left)}`
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
  it('in 300 random conversations, joined by sequence, they are what went over the wire, inside TLS too', async () => {
    let encrypted = 0
    let loggedIn = 0
    for (let seed = 1; seed <= 300; seed++) {
      const next = random(seed)
      const mechanism = pick(next, [undefined, 'PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256'] as const)
      const tls = pick(next, ['none', 'starttls', 'implicit'] as const)
      const pass = 'open sesame'
      const script = randomScript(next, [
        ...(tls === 'starttls' ? ['STARTTLS'] : []),
        ...(mechanism ? [`AUTH ${mechanism}`] : []),
      ])
      await using server = await startServer({ ...script, users: { ann: pass } })
      await using proxy = await recordingProxy(server.port, tls)
      const transport = smtp({
        host: '127.0.0.1',
        port: proxy.port,
        tls,
        tlsOptions: { ca: server.ca },
        auth: mechanism && { user: 'ann', pass, method: mechanism },
        timeoutMs: 5_000,
        pool: { connections: 1 + Math.floor(next() * 2), window: pick(next, [1, 4]) },
      })
      const messages = Array.from({ length: 1 + Math.floor(next() * 4) }, (_, n) => randomMessage(next, n))
      const connections = [...joined(await sendAll(transport, messages)).values()]
      const recordings = [...proxy.recordings]
      for (const entries of connections) {
        // The order of the connections is nobody's promise.
        const found = recordings.findIndex((recording) => !contradiction(entries, recording))
        const why = (): string =>
          recordings.map((recording) => contradiction(entries, recording)).join('\n') +
          formatTranscript({ entries })
        expect(found, found < 0 ? `seed ${seed}: ${why()}` : '').not.toBe(-1)
        recordings.splice(found, 1)
        if (entries.some(({ text }) => text.startsWith('encrypted'))) encrypted++
        if (entries.some(({ text }) => text.includes('<redacted>'))) loggedIn++
      }
      // What is left carried no message, so that nobody has a transcript of it.
      for (const { client } of recordings) expect(client.toString('latin1')).not.toContain('MAIL FROM')
    }
    expect(encrypted).toBeGreaterThan(150)
    expect(loggedIn).toBeGreaterThan(200)
  }, 120_000)

  it('and the comparison would find a lie', () => {
    const said = (from: 'client' | 'server', text: string): TranscriptEntry => ({
      from,
      text,
      atMs: 0,
      connection: 'c1',
      sequence: 0,
    })
    const wire = {
      client: Buffer.from('DATA\r\na\r\n..b\r\n.\r\nQUIT\r\n'),
      server: Buffer.from('220 hi\r\n'),
    }
    const truth = [
      said('client', 'DATA'),
      said('client', '<7 octets>'),
      said('client', '.'),
      said('server', '220 hi'),
    ]
    expect(contradiction(truth, wire)).toBeUndefined()
    expect(contradiction(truth.with(1, said('client', '<8 octets>')), wire)).toMatch('there were 7')
    expect(contradiction(truth.with(3, said('server', '220 ho')), wire)).toMatch('it was "220 hi"')
    expect(contradiction(truth.slice(0, 1), wire)).toMatch('nothing of')
  })
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
          .send(toMessage({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: '' }))
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
