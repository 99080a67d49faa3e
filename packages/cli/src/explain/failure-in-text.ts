import { MailError, type FailureCode, type Kind, type Stage } from '@loudmail/core'
import { FAILURE_CODES, SMTP_OPTION_WORDS, type Situation } from '@loudmail/core/transport'
import { readReply } from './read-reply.ts'

/** `MailError: auth/bad-credentials: the server … [smtp(mail.example.com:587)]`, as programs print it. */
const PRINTED = /(?:^|[\s:])([a-z]+(?:-[a-z]+)*\/[a-z\d]+(?:-[a-z\d]+)*): (.+?)(?: \[([^\]\n]+)\])?$/m

/** The failure that a text names, as the message of a `MailError` does; undefined if it names none. */
export function failureInText(text: string, host: string | undefined): MailError | undefined {
  const [, code, summary, transport = ''] = PRINTED.exec(text) ?? []
  if (code === undefined || !(FAILURE_CODES as readonly string[]).includes(code)) return undefined
  const [stage, kind] = (code as FailureCode).split('/') as [Stage, Kind]
  const said = summary?.includes(': ') ? readReply(summary.slice(summary.indexOf(': ') + 1)) : undefined
  const reply = said?.isCertain ? said.reply : undefined
  return new MailError({
    stage,
    kind,
    summary,
    reply,
    situation: situationOf(stage, host ?? hostIn(transport)),
  })
}

function situationOf(stage: Stage, host: string | undefined): Situation | undefined {
  if (host === undefined) return undefined
  return {
    host,
    port: 587,
    tls: 'starttls',
    auth: stage === 'auth' ? 'password' : undefined,
    name: undefined,
    connections: undefined,
    options: SMTP_OPTION_WORDS,
    encrypted: false,
  }
}

function hostIn(transport: string): string | undefined {
  return /\b(?:smtp|lmtp)\(([^()\s]+):\d+\)/.exec(transport)?.[1]
}
