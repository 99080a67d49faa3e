import type { Credentials } from '../script/action.ts'
import type { Command } from './command.ts'
import { Refusal, type Verdict } from './exchange.ts'
import { mechanisms } from './mechanisms.ts'
import type { Session } from './session.ts'

/** AUTH (RFC 4954): the command, the challenges of its mechanism, and the decision. */
export async function authenticate(session: Session, { argument, line }: Command): Promise<void> {
  const [name = '', initial] = argument.split(' ')
  const mechanism = name.toUpperCase()
  let verdict: Verdict | undefined
  const code = await session.play({
    event: 'AUTHCMD',
    line,
    correct: async () => {
      const refusal = refuseCommand(session, mechanism)
      if (refusal !== undefined) return refusal
      try {
        verdict = await mechanisms[mechanism]!({
          initial: initial === undefined ? undefined : decode(initial === '=' ? '' : initial),
          users: session.script.users,
          tokens: session.script.tokens,
          ask: async (challenge) => {
            tell(session, `334 ${Buffer.from(challenge).toString('base64')}`)
            return decode(await answer(session))
          },
        })
        return undefined
      } catch (error) {
        if (error instanceof Refusal) return error.message
        throw error
      }
    },
    replied: (replied) => signIn(session, replied, undefined),
  })
  if (verdict) await judge(session, verdict)
  else if (code === 334) await judgeUnread(session, mechanism)
}

/** Plays AUTH on complete credentials. */
async function judge(session: Session, { credentials, valid, problem }: Verdict): Promise<void> {
  const code = await session.play({
    event: 'AUTH',
    credentials,
    correct: async () => {
      if (valid) return '235 2.7.0 Authentication successful'
      if (problem !== undefined) {
        tell(session, `334 ${Buffer.from(problem).toString('base64')}`)
        await session.readAnswer()
      }
      return '535 5.7.8 Authentication credentials invalid'
    },
    replied: (replied) => signIn(session, replied, credentials),
  })
  if (code === 334) await judgeUnread(session, credentials.mechanism)
}

/** The script itself answered 334: reads one more line, ignores it, and plays AUTH. */
async function judgeUnread(session: Session, mechanism: string): Promise<void> {
  if ((await session.readAnswer()) === undefined) return
  await judge(session, { credentials: { mechanism, user: '' }, valid: true })
}

function refuseCommand(session: Session, mechanism: string): string | undefined {
  const offer = session.capabilities.find((keyword) => /^AUTH[ =]/i.test(keyword))
  if (offer === undefined) return '502 5.5.1 AUTH is not offered'
  if (!session.offered) return '503 5.5.1 Send EHLO first'
  if (session.user !== undefined) return '503 5.5.1 Already authenticated'
  if (session.transaction) return '503 5.5.1 Not during a mail transaction'
  const offered = offer.toUpperCase().split(/[ =]/).slice(1).includes(mechanism)
  return offered && Object.hasOwn(mechanisms, mechanism)
    ? undefined
    : '504 5.5.4 Unrecognized authentication type'
}

function tell(session: Session, text: string): void {
  session.reply({ event: 'AUTHCMD', correct: () => undefined }, text)
}

async function answer(session: Session): Promise<string> {
  const line = await session.readAnswer()
  if (line === undefined) throw new Refusal('421 4.4.2 Connection lost')
  if (line === null) throw new Refusal('500 5.5.6 Line too long')
  if (line === '*') throw new Refusal('501 5.7.0 Authentication cancelled')
  return line
}

function decode(line: string): string {
  if (!/^[\w+/]*={0,2}$/.test(line) || line.length % 4 !== 0) throw new Refusal('501 5.5.2 Not base64')
  return Buffer.from(line, 'base64').toString()
}

function signIn(session: Session, code: number, credentials: Credentials | undefined): void {
  if (code !== 235) return
  session.user = credentials?.user ?? ''
  session.log.authenticatedAs = session.user
}
