import type { Command } from '../session/command.ts'
import { conclude } from '../script/conclude.ts'
import { ContentReader } from '../session/content-reader.ts'
import { isPositive } from '../session/reply.ts'
import type { Session } from '../session/session.ts'
import { Transaction } from '../session/transaction.ts'

/** DATA (RFC 5321 section 4.1.1.4): its reply, the content, and the reply to that. */
export async function receiveData(session: Session, { line }: Command): Promise<void> {
  const code = await session.play({
    event: 'DATA',
    line,
    correct: () => {
      const { transaction } = session
      if (!transaction) return '503 5.5.1 Send MAIL first'
      if (transaction.chunks) return '503 5.5.1 The content came with BDAT'
      if (transaction.mailParameters.BODY === 'BINARYMIME') return '503 5.5.1 BINARYMIME needs BDAT'
      return transaction.to.length > 0
        ? '354 End data with <CR><LF>.<CR><LF>'
        : '554 5.5.1 No valid recipients'
    },
  })
  if (code !== 354) return
  const transaction = (session.transaction ??= new Transaction('', {}))
  const reader = new ContentReader(session.home.keepContent, 'DATA')
  const answered = await receive(session, reader, Infinity, (bytes) => reader.takeLines(bytes))
  if (answered) session.transaction = undefined
  else if (reader.ended) await conclude(session, transaction, reader, 'DATA')
}

/** BDAT (RFC 3030): reads its octets, whatever the reply will be. */
export async function receiveChunk(session: Session, { argument, line }: Command): Promise<void> {
  const [, digits, last] = /^(\d{1,15})( +LAST)?$/i.exec(argument) ?? []
  const { transaction } = session
  const reader = transaction?.chunks ?? new ContentReader(session.home.keepContent, 'BDAT')
  const refusal = refuseChunk(session, digits)
  const answered = await receive(session, reader, Number(digits ?? 0), (bytes) => {
    reader.add(bytes)
    return bytes.subarray(bytes.length)
  })
  if (transaction) transaction.chunks = reader
  if (!answered && transaction && last && !refusal) {
    await conclude(session, transaction, reader, 'BDAT')
    return
  }
  const code =
    answered || (await session.play({ event: 'BDAT', line, correct: () => refusal ?? '250 2.0.0 Ok' }))
  if (transaction && code) transaction.spoilt ||= !isPositive(code)
  if (last) session.transaction = undefined
}

function refuseChunk({ capabilities, transaction }: Session, digits: string | undefined): string | undefined {
  if (!capabilities.includes('CHUNKING')) return '502 5.5.1 Command not implemented'
  if (digits === undefined) return '501 5.5.4 Syntax: BDAT octets [LAST]'
  if (!transaction) return '503 5.5.1 Send MAIL first'
  if (transaction.spoilt) return '503 5.5.1 An earlier chunk was refused'
  return transaction.to.length > 0 ? undefined : '554 5.5.1 No valid recipients'
}

/**
 * Reads content of `size` octets, or up to its end, and plays BODY once the first octets arrive.
 * `take` returns what comes after the content. Resolves to the code of a reply that was sent before the end.
 */
async function receive(
  session: Session,
  reader: ContentReader,
  size: number,
  take: (bytes: Buffer) => Buffer,
): Promise<number | undefined> {
  const { wire, script } = session
  const before = reader.octets
  let taken = 0
  const complete = (): boolean => reader.ended || taken >= size
  const readUntil = async (octets: number): Promise<boolean> => {
    while (taken < octets && !complete()) {
      const bytes = wire.incoming.takeBytes(size - taken)
      if (bytes.length === 0 && !(await wire.more(script.idleClose))) return false
      const rest = take(bytes)
      taken += bytes.length - rest.length
      wire.incoming.putBack(rest)
    }
    return taken >= octets
  }
  const bodyScripted = script.on?.BODY !== undefined && (await readUntil(1))
  const code = bodyScripted
    ? await session.play({ event: 'BODY', readUntil, correct: () => undefined })
    : undefined
  await readUntil(Infinity)
  const octets = reader.octets - before
  if (taken > 0) session.log.add('client', `<${octets} octets>`, { octets })
  if (!complete()) await session.leave()
  return code
}
