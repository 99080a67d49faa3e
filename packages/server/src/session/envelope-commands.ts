import type { Command } from './command.ts'
import { refuseParameters } from './parameters.ts'
import { isStrictPath, parsePath, type Path } from './path.ts'
import { isPositive } from './reply.ts'
import type { Session } from './session.ts'
import { Transaction } from './transaction.ts'

/** MAIL (RFC 5321 section 4.1.1.2). */
export async function mail(session: Session, { argument, line }: Command): Promise<void> {
  const path = parsePath(argument, 'from')
  await session.play({
    event: 'MAIL',
    line,
    correct: () => {
      if (!session.offered) return '503 5.5.1 Send EHLO first'
      if (session.transaction) return '503 5.5.1 Sender already given'
      if (session.script.requireAuth && session.user === undefined) return '530 5.7.0 Authentication required'
      return refusePath(session, path, 'from') ?? refuseSize(session, path) ?? '250 2.1.0 Ok'
    },
    replied: (code) => {
      if (isPositive(code))
        session.transaction = new Transaction(path?.address ?? argument, path?.parameters ?? {})
    },
  })
}

/** RCPT (RFC 5321 section 4.1.1.3). */
export async function recipient(session: Session, { argument, line }: Command): Promise<void> {
  const path = parsePath(argument, 'to')
  await session.play({
    event: 'RCPT',
    line,
    recipient: path?.address ?? argument,
    correct: () => {
      if (!session.transaction) return '503 5.5.1 Send MAIL first'
      if (path?.address === '') return '501 5.1.3 A recipient cannot be empty'
      return refusePath(session, path, 'to') ?? '250 2.1.5 Ok'
    },
    replied: (code) => {
      if (!isPositive(code)) return
      session.transaction?.to.push(path?.address ?? argument)
      session.transaction?.rcptParameters.push(path?.parameters ?? {})
    },
  })
}

function refusePath(session: Session, path: Path | undefined, keyword: 'from' | 'to'): string | undefined {
  const command = keyword === 'from' ? 'MAIL' : 'RCPT'
  const { strictAddr, strictAscii } = session.script
  if (!path) return `501 5.5.4 Syntax: ${command} ${keyword.toUpperCase()}:<address>`
  if (strictAddr && !isStrictPath(path, keyword)) {
    return keyword === 'from'
      ? '501 5.1.7 Bad sender address syntax'
      : '501 5.1.3 Bad recipient address syntax'
  }
  if (strictAscii && /[^ -~]/.test(path.address)) return '553 5.6.7 Address is not ASCII'
  return refuseParameters(command, path.parameters, session.offered ?? [])
}

function refuseSize(session: Session, path: Path | undefined): string | undefined {
  const declared = Number(path?.parameters['SIZE'] ?? 0)
  return declared > (session.script.enforceSize ?? Infinity)
    ? '552 5.3.4 Message size exceeds the limit'
    : undefined
}
