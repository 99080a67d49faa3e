import { authenticate } from './auth.ts'
import { mail, recipient } from './envelope-commands.ts'
import type { Command } from './command.ts'
import { receiveChunk, receiveData } from '../message/content.ts'
import { isPositive } from './reply.ts'
import type { EventName } from '../script/event-name.ts'
import type { Session } from './session.ts'

type Handler = (session: Session, command: Command) => Promise<unknown>

const handlers: Readonly<Record<string, Handler>> = {
  EHLO: hello,
  HELO: hello,
  LHLO: hello,
  STARTTLS: startTls,
  AUTH: authenticate,
  MAIL: mail,
  RCPT: recipient,
  DATA: receiveData,
  BDAT: receiveChunk,
  RSET: reset,
  NOOP: (session, { line }) => session.play({ event: 'NOOP', line, correct: () => '250 2.0.0 Ok' }),
  VRFY: (session, { line }) =>
    session.play({ event: 'VRFY', line, correct: () => '252 2.1.5 Send some mail' }),
  QUIT: quit,
}

/** Carries out one command line. */
export async function runCommand(session: Session, line: string | null): Promise<void> {
  if (line === null) {
    session.log.add('client', '<line too long>', { command: '' })
    await session.play({ event: '*', correct: () => '500 5.5.2 Line too long' })
    return
  }
  const [verb = '', ...words] = line.split(' ')
  const command = { verb: verb.toUpperCase(), argument: words.join(' ').trim(), line }
  session.log.add('client', line, { command: command.verb })
  session.home.commanded(command.verb, line)
  const handler = Object.hasOwn(handlers, command.verb) ? handlers[command.verb] : undefined
  await (handler ?? unknown)(session, command)
}

async function hello(session: Session, { verb, argument, line }: Command): Promise<void> {
  const lmtp = session.script.lmtp === true
  await session.play({
    event: verb as EventName,
    line,
    correct: () => {
      if (lmtp !== (verb === 'LHLO')) return `500 5.5.1 This is ${lmtp ? 'LMTP' : 'SMTP'}`
      if (argument === '') return `501 5.5.4 ${verb} needs a name`
      if (verb === 'HELO') return '250 localhost'
      return ['localhost', ...session.capabilities]
        .map((text, at, all) => `250${at < all.length - 1 ? '-' : ' '}${text}`)
        .join('\n')
    },
    replied: (code, text) => {
      if (!isPositive(code)) return
      session.transaction = undefined
      session.offered =
        verb === 'HELO'
          ? []
          : text
              .split(/\r?\n/)
              .slice(1)
              .map((keyword) => keyword.slice(4))
    },
  })
}

async function startTls(session: Session, { line }: Command): Promise<void> {
  // What the client sent together with STARTTLS was not encrypted and must be ignored (RFC 3207 section 6).
  session.wire.incoming.takeBytes()
  const code = await session.play({
    event: 'STARTTLS',
    line,
    correct: () => {
      if (session.log.tls) return '503 5.5.1 TLS is on already'
      if (!session.capabilities.includes('STARTTLS')) return '502 5.5.1 Command not implemented'
      return session.offered ? '220 2.0.0 Ready to start TLS' : '503 5.5.1 Send EHLO first'
    },
  })
  if (code === 220 && !session.log.tls) await session.secure()
}

async function reset(session: Session, { line }: Command): Promise<void> {
  await session.play({
    event: 'RSET',
    line,
    correct: () => '250 2.0.0 Ok',
    replied: (code) => {
      if (isPositive(code)) session.transaction = undefined
    },
  })
}

async function quit(session: Session, { line }: Command): Promise<void> {
  const code = await session.play({ event: 'QUIT', line, correct: () => '221 2.0.0 Bye' })
  if (code !== undefined) await session.leave()
}

async function unknown(session: Session, { line }: Command): Promise<void> {
  await session.play({ event: '*', line, correct: () => '500 5.5.2 Command not recognized' })
}
