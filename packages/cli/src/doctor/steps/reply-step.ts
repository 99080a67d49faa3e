import type { ProbeAnswered } from '@loudmail/smtp/probe'
import type { Step } from '../report.ts'
import { describeOffer } from './describe-offer.ts'

/** Many clients give up when the greeting takes longer, in ms. */
const SLOW_GREETING_MS = 5_000

/** Firewalls that inspect SMTP overwrite the greeting with asterisks, and what they do not allow with X. */
const REWRITTEN =
  'A firewall on the way overwrites parts of what the server says with `*` or `X`, and so takes away STARTTLS and log-in: have its SMTP inspection switched off, or use TLS from the start on port 465.'

/** A step that failed if the opening fails now, and is only a warning if it goes on. */
export interface Undecided {
  readonly step: Omit<Step, 'verdict'>
  /** What the warning says. */
  readonly ifItGoesOn: string
}

/** What the greeting, or the reply to EHLO or STARTTLS means. */
export function replyStep(event: ProbeAnswered, isEncrypted: boolean): Step | Undecided {
  if (event.stage === 'greeting') return greetingStep(event)
  return event.stage === 'tls' ? startTlsStep(event) : helloStep(event, isEncrypted)
}

function greetingStep({ reply, durationMs }: ProbeAnswered): Step | Undecided {
  const step = { stage: 'greeting', name: 'greeting', durationMs, reply } as const
  if (reply.code !== 220) return { step: { ...step, detail: '' }, ifItGoesOn: '' }
  if (/\*{4,}/.test(reply.text)) return { ...step, verdict: 'warn', detail: REWRITTEN }
  if (durationMs <= SLOW_GREETING_MS)
    return { ...step, verdict: 'pass', detail: reply.text.split('\n')[0]!.trim() || 'The server greets.' }
  const seconds = (durationMs / 1000).toFixed(1)
  const detail = `It took ${seconds} s. Many programs give up before that: raise their time-out for the greeting, or have the server look up its clients faster.`
  return { ...step, verdict: 'warn', detail }
}

function startTlsStep({ reply, durationMs }: ProbeAnswered): Step | Undecided {
  const step = { stage: 'tls', name: 'STARTTLS', durationMs, reply } as const
  if (reply.code === 220) return { ...step, verdict: 'pass', detail: 'The server is ready for TLS.' }
  const ifItGoesOn = 'The server refuses STARTTLS. Loudmail goes on without it.'
  return { step: { ...step, detail: '' }, ifItGoesOn }
}

/** EHLO, HELO or LHLO. After TLS it has the same name as before. */
function helloStep({ reply, durationMs }: ProbeAnswered, isEncrypted: boolean): Step | Undecided {
  const [name = 'EHLO', ...given] = (reply.command ?? 'EHLO').split(' ')
  const step = { stage: 'ehlo', name, durationMs, reply } as const
  if (reply.code !== 250)
    return {
      step: { ...step, detail: '' },
      ifItGoesOn: 'The server does not know EHLO. Loudmail tries HELO.',
    }
  const said = isEncrypted ? '' : `This program calls itself ${given.join(' ')}. `
  if (name === 'HELO')
    return { ...step, verdict: 'warn', detail: `${said}With HELO, the server offers nothing.` }
  const detail = said + describeOffer(reply)
  // The keywords XXXXXXXA, XXXXXXXB and so on are STARTTLS and others, overwritten.
  return /^X{3,}[A-Z]?\s*$/m.test(reply.text)
    ? { ...step, verdict: 'warn', detail: `${detail} ${REWRITTEN}` }
    : { ...step, verdict: 'pass', detail }
}
