import { once } from 'node:events'
import { connect } from 'node:net'
import { visible } from '@loudmail/core/transport'

/** A program on this machine answers at once, or not at all. */
const ANSWER_MS = 1_000

/**
 * Says who holds a port, in words that follow "is taken": another `loudmail dev`, whose inbox answers, or what an SMTP
 * server calls itself in its greeting. Empty if it does not tell.
 */
export async function whoHolds(
  host: string,
  smtpPort: number | undefined,
  httpPort: number,
): Promise<string> {
  const inbox = `http://${host.includes(':') ? `[${host}]` : host}:${httpPort}/`
  const [isOurs, greeting] = await Promise.all([
    isInbox(inbox),
    smtpPort === undefined ? '' : greetingOf(host, smtpPort),
  ])
  const isOther = smtpPort === undefined ? isOurs : greeting.endsWith('ESMTP Loudmail')
  if (isOther) return ` by another loudmail dev${isOurs ? `, whose inbox is at ${inbox}` : ''}`
  return greeting === '' ? '' : ` by a mail server that greets with "${greeting}"`
}

async function isInbox(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}api/mails?limit=0`, { signal: AbortSignal.timeout(ANSWER_MS) })
    const list: unknown = await answer.json()
    return typeof (list as { total?: unknown } | null)?.total === 'number'
  } catch {
    return false
  }
}

async function greetingOf(host: string, port: number): Promise<string> {
  const socket = connect(port, host)
  try {
    const [bytes] = (await once(socket, 'data', { signal: AbortSignal.timeout(ANSWER_MS) })) as [Buffer]
    const [line = ''] = String(bytes).split(/\r?\n/)
    return /^220[ -]/.test(line) ? visible(line.slice(0, 100)) : ''
  } catch {
    return ''
  } finally {
    socket.on('error', () => {}).destroy()
  }
}
