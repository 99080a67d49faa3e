import type { MailError } from '@loudmail/core'
import { smtp, type SmtpOptions } from '@loudmail/smtp'
import type { Step } from '../report.ts'
import { configFailure } from './config-failure.ts'
import { configStep } from './config-step.ts'
import { readValue } from './read-value.ts'
import type { Reading } from './reading.ts'
import { refusalOf } from './refusal-of.ts'
import { repairOptions } from './repair-options.ts'
import { summaryOf } from './summary-of.ts'
import type { Variables } from '../../environment/variables.ts'

/** What applications call the parts, after the prefix. */
const PARTS = {
  host: ['HOST', 'SERVER', 'HOSTNAME'],
  port: ['PORT'],
  user: ['USER', 'USERNAME', 'LOGIN'],
  pass: ['PASS', 'PASSWORD', 'PASSWD'],
  secure: ['SECURE', 'SSL', 'TLS', 'ENCRYPTION'],
} as const

/** Reads variables such as `SMTP_HOST`, `SMTP_PORT`, `SMTP_USER`, `SMTP_PASS` and `SMTP_SECURE`. Undefined if there are none. */
export function readSeparate(variables: Variables, prefix: string): Reading | undefined {
  const steps: Step[] = []
  const changes: string[] = []
  const values: Partial<Record<keyof typeof PARTS, string>> = {}
  let failure: MailError | undefined
  for (const [part, endings] of Object.entries(PARTS)) {
    const name = endings
      .map((ending) => `${prefix}_${ending}`)
      .find((each) => variables.get(each) !== undefined)
    const read = name === undefined ? undefined : readValue(variables, name)
    if (!read) continue
    const value = part === 'pass' ? read.value : read.value?.trim()
    if (value !== undefined) values[part as keyof typeof PARTS] = value
    steps.push(...read.steps)
    changes.push(...read.changes)
    failure ??= read.failure
    if (part === 'pass' && /^(["']).*\1$/.test(read.value ?? ''))
      steps.push(
        configStep('warn', name!, 'The password begins and ends with a quote. If it has none, remove them.'),
      )
  }
  if (steps.length === 0) return undefined
  const name = `${prefix}_*`
  if (!values.host) {
    failure ??= configFailure(
      `${prefix}_HOST is not set: it is not in ${variables.searched()}`,
      `Set ${prefix}_HOST, or name the variable that has the host.`,
    )
    return { failure, changes: [], steps: [...steps, configStep('fail', name, failure.summary)] }
  }
  const options = optionsOf({ ...values, host: values.host })
  const repaired = repairOptions(options)
  const own = refusalOf(() => smtp(options))
  steps.push(own ? configStep('fail', name, own.summary) : configStep('pass', name, summaryOf(options)))
  return {
    options: repaired?.options,
    failure: failure ?? own,
    changes: [...changes, ...(repaired?.changes ?? [])],
    steps,
  }
}

function optionsOf(values: { host: string } & Readonly<Record<string, string>>): SmtpOptions {
  const { host, port, user, pass, secure } = values
  const mode = modeOf(secure, port)
  return {
    host,
    ...(port && { port: Number(port) }),
    ...(mode && { tls: mode }),
    ...(user && { auth: { user, pass: pass ?? '' } }),
  }
}

/** `true` and `ssl` are TLS from the first octet. Without it, port 465 is still what was written. */
function modeOf(secure: string | undefined, port: string | undefined): SmtpOptions['tls'] {
  if (secure === undefined) return undefined
  if (/^(?:true|1|yes|ssl|smtps)$/i.test(secure)) return 'implicit'
  return Number(port) === 465 ? 'starttls' : undefined
}
