import { UsageError } from '../../usage-error.ts'
import { configFailure } from './config-failure.ts'
import { configStep } from './config-step.ts'
import { readSeparate } from './read-separate.ts'
import { readUrl } from './read-url.ts'
import { readValue, type ReadValue } from './read-value.ts'
import type { Reading } from './reading.ts'
import type { Variables } from '../../environment/variables.ts'

/** What was read, and how the application probably writes it. */
export type VariableReading = Reading & { readonly words: 'url' | 'smtp' }

/**
 * Reads the variable that holds the URL, or those that hold its parts: `SMTP` stands for `SMTP_HOST`, `SMTP_PORT` and so on.
 *
 * @throws UsageError if it cannot be the name of a variable
 */
export function readVariable(variables: Variables, name: string, part: number): VariableReading {
  // It is not repeated: it may be a URL that the shell put in the place of $NAME.
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw new UsageError('--env takes the name of a variable, such as MAIL_URL, without a $')
  const own = readValue(variables, name)
  // MAIL is the mailbox of the user in many shells, and SMTP_HOST is a part.
  if (own && /^\W*\w+[:(]/.test(own.value ?? '')) return readFrom(own, part)
  const separate = readSeparate(variables, name.replace(/_(?:HOST)?$/i, ''))
  if (separate) return { ...separate, words: 'smtp' }
  if (own) return readFrom(own, part)
  const absent = `${name} is not set: it is not in ${variables.searched()}`
  const similar = variables.similarTo(name)
  const failure = configFailure(
    absent,
    similar === undefined
      ? `Set ${name} where the application starts.`
      : `Did you mean ${similar}? It is set.`,
  )
  const other = similar === undefined ? undefined : readValue(variables, similar)
  if (!other) return { failure, changes: [], steps: [configStep('fail', name, `${absent}.`)], words: 'url' }
  const detail = `${absent}. Did you mean ${similar}? This run goes on with that.`
  const reading = readFrom(other, part)
  return {
    ...reading,
    failure,
    changes: [`Set ${name}, or let the application read ${similar}, which is set.`, ...reading.changes],
    steps: [configStep('fail', name, detail), ...reading.steps],
  }
}

function readFrom(read: ReadValue, part: number): VariableReading {
  if (read.value === undefined) return { ...read, words: 'url' }
  const reading = readUrl(read.value, part)
  return {
    ...reading,
    failure: read.failure ?? reading.failure,
    changes: [...read.changes, ...reading.changes],
    steps: [...read.steps, ...reading.steps],
    words: 'url',
  }
}
