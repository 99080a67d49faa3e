import type { SmtpAuth } from '@loudmail/smtp'
import type { Step } from '../report.ts'
import { configStep } from './config-step.ts'

/** What is suspicious about a user name and a password, though `smtp()` takes them. */
export function credentialSteps(auth: SmtpAuth | undefined): Step[] {
  if (!auth) return []
  const secrets = { 'user name': auth.user, ...('pass' in auth && { password: auth.pass }) }
  return Object.entries(secrets).flatMap(([name, value]) => suspicions(name, value))
}

function suspicions(name: string, value: unknown): Step[] {
  if (typeof value !== 'string' || value === '') return []
  const steps: Step[] = []
  const warn = (detail: string): void => void steps.push(configStep('warn', name, detail))
  if (value.trim() !== value)
    warn(`The ${name} begins or ends with white space. If that does not belong to it, remove it.`)
  if (/%[\da-f]{2}/i.test(value))
    warn(
      `The ${name} looks percent-encoded. In a URL, encode it only once; in options, write it as it is, without encoding.`,
    )
  if (/^(?:undefined|null|\[object Object\])$/.test(value))
    warn(`The ${name} is the word ${value}: the variable that it is put together from was not set.`)
  if (/^(?:\$\{?\w+\}?|<.*>|\{\{.*\}\})$/.test(value))
    warn(`The ${name} is a placeholder: nothing put the real value in its place.`)
  return steps
}
