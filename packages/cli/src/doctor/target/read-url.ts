import { MailError } from '@loudmail/core'
import { smtp, type SmtpOptions } from '@loudmail/smtp'
import { optionsFromUrl } from '@loudmail/smtp/probe'
import type { Step } from '../report.ts'
import { chooseUrl } from './choose-url.ts'
import { configFailure } from './config-failure.ts'
import { configStep } from './config-step.ts'
import { readByHand } from './read-by-hand.ts'
import type { Reading } from './reading.ts'
import { repairOptions, withoutStrangeParameters } from './repair-options.ts'
import { summaryOf } from './summary-of.ts'

/** Schemes of Loudmail that no server is behind. */
const LOCAL = /^(?:debug|memory|discard):/i

/**
 * Reads a URL as `smtp()` does. If that fails, it reads it as it was meant, so that the doctor can go on.
 *
 * @param part which URL inside `failover(...)`: 1 is the first
 * @throws UsageError if there are not so many
 */
export function readUrl(written: string, part = 1): Reading {
  const quoted = /^(["'])(.*?)\1?$/s.exec(written.trim())
  const { text, steps } = chooseUrl(quoted ? quoted[2]!.trim() : written.trim(), part)
  const own = readAsSmtp(quoted ? written.trim() : text)
  if (!own.failure)
    return { ...own, changes: [], steps: [...steps, seen(own.options!), ...oddities(text, own.options!)] }
  const failed = { failure: own.failure, steps: [...steps, configStep('fail', 'URL', own.failure.summary)] }
  // It can be read, and only the password is missing.
  if (own.failure.kind === 'missing-credentials') return { ...failed, options: own.options, changes: [] }
  const repaired = LOCAL.test(text) ? undefined : repair(text)
  const unquote = quoted ? ['Remove the quotes from the value: they became a part of it.'] : []
  return {
    ...failed,
    ...(repaired && { options: repaired.options }),
    changes: repaired ? [...unquote, ...repaired.changes] : [],
  }
}

function readAsSmtp(text: string): Pick<Reading, 'options' | 'failure'> {
  if (LOCAL.test(text))
    return {
      failure: configFailure(
        `a ${text.slice(0, text.indexOf(':'))}: URL sends to no mail server, so there is nothing to examine`,
        'It is for development and tests. To send, use the smtp:// URL of a server.',
      ),
    }
  let options: SmtpOptions | undefined
  try {
    options = optionsFromUrl(text)
    smtp(options)
    return { options }
  } catch (error) {
    if (!MailError.is(error)) throw error
    return { options, failure: error }
  }
}

/** The options as they were meant, if they can be used then. */
function repair(text: string): { options: SmtpOptions; changes: readonly string[] } | undefined {
  const byHand = readByHand(text)
  if (!byHand) return undefined
  const { url, changes } = withoutStrangeParameters(byHand.url)
  const { options } = readAsSmtp(url)
  if (!options) return undefined
  const repaired = repairOptions(options)
  return repaired && { ...repaired, changes: [...byHand.changes, ...changes, ...repaired.changes] }
}

function seen(options: SmtpOptions): Step {
  return configStep('pass', 'URL', summaryOf(options))
}

/** What `smtp()` reads as it was meant, though other programs may not. */
function oddities(text: string, { auth }: SmtpOptions): Step[] {
  const byHand = readByHand(text)
  if (!byHand || byHand.changes.length === 0 || !auth) return []
  const again = readAsSmtp(byHand.url).options?.auth
  if (JSON.stringify(again) !== JSON.stringify(auth)) return []
  const detail = `It can be read, but other programs may read it differently. ${byHand.changes.join(' ')}`
  return [configStep('warn', 'URL', detail)]
}
