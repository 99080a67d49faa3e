import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { startServer, type CapturedMessage, type KeyPair } from '@loudmail/server'
import { exim } from '../src/exim.ts'
import { openSmtpd } from '../src/opensmtpd.ts'
import { postfix } from '../src/postfix.ts'
import { startNames, type Names, type Zone } from './names.ts'
import type { Listener, RealName, SetUp } from './set-up.ts'
import { silentPort } from './silent-port.ts'

const REAL = { Postfix: postfix, Exim: exim, OpenSMTPD: openSmtpd } as const

const ZONE: Zone = {
  'example.test': [],
  'mail.example.test': ['127.0.0.1'],
  'relay.example.test': ['127.0.0.1'],
  'mail.inbox.test': ['127.0.0.1'],
}

/** One of the certificates that run.sh made. */
export function certificate(name: string): KeyPair {
  const folder = process.env.CERTIFICATES
  if (folder === undefined) throw new Error('run interop/doctor/run.sh')
  const read = (end: string): string => readFileSync(join(folder, `${name}.${end}`), 'utf8')
  return { key: read('key'), cert: read('crt') }
}

/** The servers of a set-up, while it is examined. */
export interface World extends AsyncDisposable {
  /** What the scripted servers took. */
  readonly messages: () => readonly CapturedMessage[]
  /** How many log-ins the scripted servers saw. */
  readonly logIns: () => number
}

/** Starts what a set-up needs. */
export async function startWorld({
  servers,
  zone,
  isNamesSilent = false,
  certificate: name = 'good',
}: SetUp): Promise<World> {
  const names: Names = await startNames()
  names.zone = { ...ZONE, ...zone }
  names.isSilent = isNamesSilent
  const closing: (() => Promise<unknown>)[] = [async () => names[Symbol.asyncDispose]()]
  const scripted: Awaited<ReturnType<typeof startServer>>[] = []
  if (typeof servers === 'string') {
    const running = await realServer(servers, name)
    closing.push(() => running.close())
  } else
    for (const [port, listener] of Object.entries(servers)) {
      if (typeof listener === 'string') {
        const other = await (port === 'IPv6'
          ? silentPort('2001:db8::25', 587)
          : OTHERS[listener](Number(port)))
        closing.push(async () => other[Symbol.asyncDispose]())
      } else {
        const server = await startServer({ ...listener, port: Number(port) })
        scripted.push(server)
        closing.push(() => server.close())
      }
    }
  return {
    messages: () => scripted.flatMap(({ messages }) => messages),
    logIns: () =>
      scripted
        .flatMap(({ connections }) => connections.flatMap(({ entries }) => entries))
        .filter(({ from, text }) => from === 'client' && /^AUTH /i.test(text)).length,
    async [Symbol.asyncDispose]() {
      for (const close of closing) await close()
    },
  }
}

function realServer(name: RealName, pair: string): ReturnType<typeof postfix.start> {
  return REAL[name].start({ ports: [587, 2525, 465], pair: certificate(pair) })
}

const OTHERS: Record<Exclude<Listener, object>, (port: number) => Promise<AsyncDisposable>> = {
  silent: (port) => silentPort('127.0.0.1', port),
  http: (port) =>
    speaking(port, '', (said) => (/^[A-Z]+ \S+ HTTP/.test(said) ? 'HTTP/1.1 200 OK\r\n\r\n' : '')),
  imap: (port) => speaking(port, '* OK [CAPABILITY IMAP4rev1] ready\r\n', () => '* BAD\r\n'),
  'first command only': (port) => speaking(port, '220 mail.example.test ESMTP\r\n', firstCommandOnly),
}

/** Of several commands that come together, it reads only the first. */
function firstCommandOnly(said: string): string {
  if (said.endsWith('\r\n.\r\n')) return '250 2.0.0 Ok\r\n'
  switch (said.slice(0, 4).toUpperCase()) {
    case 'EHLO':
      return '250-mail.example.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n'
    case 'DATA':
      return '354 Go ahead\r\n'
    case 'QUIT':
      return '221 2.0.0 Bye\r\n'
    default:
      return /^[A-Z]{4}\b/.test(said) ? '250 2.0.0 Ok\r\n' : ''
  }
}

/** A server of another kind. */
async function speaking(
  port: number,
  greeting: string,
  answer: (said: string) => string,
): Promise<AsyncDisposable> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    if (greeting !== '') socket.write(greeting)
    socket.on('data', (bytes) => {
      const words = answer(bytes.toString('latin1'))
      if (words !== '') socket.write(words)
      if (words.startsWith('221')) socket.end()
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}
