import { MailError, type Reply } from '@loudmail/core'
import type { Probe } from '@loudmail/smtp/probe'
import type { StepLog } from './step-log.ts'

/**
 * Sends MAIL, RCPT and RSET in one write (RFC 2920): each must get the reply that it got alone.
 *
 * @param isWanted false if the application has switched it off
 */
export async function pipeliningStep(
  probe: Probe,
  { mail, rcpt }: { readonly mail: string; readonly rcpt: readonly string[] },
  log: StepLog,
  isWanted: boolean,
): Promise<void> {
  const stage = 'mail-from'
  const name = 'PIPELINING'
  if (!probe.capabilities.has('PIPELINING')) return log.skip(stage, name, 'The server does not offer it.')
  if (!isWanted) return log.skip(stage, name, 'It is switched off with `pipelining: false`.')
  log.waitFor('the answers to commands that are sent together')
  const commands = [
    { stage, command: mail } as const,
    ...rcpt.map((command) => ({ stage: 'rcpt-to', command }) as const),
    { stage, command: 'RSET' } as const,
  ]
  const begun = performance.now()
  const replies = await probe.askTogether(commands).catch((error: unknown) => {
    if (MailError.is(error)) return error
    throw error
  })
  const durationMs = performance.now() - begun
  if (MailError.is(replies) && replies.kind === 'aborted') return log.fail(name, durationMs, replies)
  const broken = brokenBy(replies)
  if (broken) {
    const { summary, ...rest } = broken
    const hint =
      'Switch PIPELINING off: the option `pipelining: false`, or `?pipelining=false` in the URL. Then tell the operator of the server, or look for a mail scanner on the way that breaks it.'
    const transcript = probe.transcript()
    return log.fail(
      name,
      durationMs,
      new MailError({ stage, kind: 'protocol', summary, hint, transcript, ...rest }),
    )
  }
  const detail = `${commands.length} commands in one write got ${commands.length} answers.`
  log.add({ stage, name, verdict: 'pass', durationMs, detail })
}

interface Broken {
  readonly summary: string
  readonly reply?: Reply | undefined
  readonly cause?: unknown
}

function brokenBy(replies: readonly Reply[] | MailError): Broken | undefined {
  const offers = 'the server offers PIPELINING, but'
  if (MailError.is(replies)) {
    const lost = replies.kind === 'connection-lost' ? 'closes the connection' : 'does not answer each of them'
    return {
      summary: `${offers} ${lost} when commands are sent together`,
      reply: replies.reply,
      cause: replies,
    }
  }
  const refused = replies.find(({ code }) => code >= 400)
  return (
    refused && {
      summary: `${offers} refuses a command that it accepted alone when commands are sent together`,
      reply: refused,
    }
  )
}
