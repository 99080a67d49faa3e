import type { MailError } from '@loudmail/core'
import type { Step } from '../report.ts'
import { configFailure } from './config-failure.ts'
import { configStep } from './config-step.ts'
import { cutValue } from './cut-value.ts'
import type { Variables } from '../../environment/variables.ts'

/** The value of a variable, as it was meant. */
export interface ReadValue {
  /** Undefined if it is empty wherever it is set. */
  readonly value: string | undefined
  /** Why the application gets another value, or none. */
  readonly failure?: MailError | undefined
  readonly changes: readonly string[]
  readonly steps: readonly Step[]
}

/** Reads a variable, and finds what goes wrong between a file and the application. Undefined if it is not set anywhere. */
export function readValue(variables: Variables, name: string): ReadValue | undefined {
  const [first, ...others] = variables.places(name)
  if (!first) return undefined
  const steps: Step[] = []
  if (first.value.trim() === '') {
    const other = others.find((place) => place.value.trim() !== '')
    const hidden = other ? `, and hides the value in ${other.name}` : ''
    const failure = configFailure(
      `${name} is set in ${first.name}, but empty${hidden}`,
      `Give ${name} a value there, or remove it.`,
    )
    const changes = other
      ? [`Remove the empty ${name} from ${first.name}, so that ${other.name} counts.`]
      : []
    return { value: other?.value, failure, changes, steps: [configStep('fail', name, failure.summary)] }
  }
  const differing = others.filter((place) => place.value !== first.value).map((place) => place.name)
  if (differing.length > 0) {
    const detail = `Set in ${[first.name, ...differing].join(' and in ')}, with different values. ${capital(first.name)} counts.`
    steps.push(configStep('warn', name, detail))
  } else {
    // Frameworks read the others.
    const alone = first.file?.isUsual && first.name !== '.env' ? ', which dotenv alone does not read' : ''
    steps.push(configStep('pass', name, `Set in ${first.name}${alone}.`))
  }
  const whole = first.file && cutValue(first.file, name)
  if (whole !== undefined) {
    const failure = configFailure(
      `the value of ${name} in ${first.name} ends at a #: it is not in quotes, so the rest is read as a comment`,
      'Put the value into quotes.',
    )
    const changes = [`In ${first.name}, put the value of ${name} into quotes.`]
    return {
      value: whole,
      failure,
      changes,
      steps: [configStep('fail', name, failure.summary)],
    }
  }
  if (first.file && /\$\{\w+\}/.test(first.value))
    steps.push(
      configStep(
        'warn',
        name,
        `The value has a \${…} in it. Node and dotenv leave it as it is; only dotenv-expand and some frameworks replace it.`,
      ),
    )
  if (first.value.trim() !== first.value)
    steps.push(configStep('warn', name, 'The value begins or ends with white space or a line break.'))
  return { value: first.value, changes: [], steps }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
