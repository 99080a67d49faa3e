import { STAGES, type Delivered, type FailureCode, type Kind, type Stage } from '@loudmail/core'
import { KINDS } from '@loudmail/core/transport'
import { addressTest, type AddressMatch } from './address-match.ts'
import type { KeptFailure } from '../inbox/inbox-source.ts'
import { checkEach, type Check, type ShapeFields } from './shape.ts'
import { shown, valueTest, type ValueMatch } from './value-match.ts'

/** The failure to look for. Every field that is given must match. */
export interface FailureShape {
  /** Such as `rcpt-to/mailbox-full`. */
  readonly code?: ValueMatch<FailureCode, FailureCode>
  /** The step that failed. */
  readonly stage?: ValueMatch<Stage, Stage>
  /** What happened there. */
  readonly kind?: ValueMatch<Kind, Kind>
  /** Who may have the message. */
  readonly delivered?: ValueMatch<Delivered, Delivered>
  /** Whether another attempt is safe. */
  readonly retryable?: boolean
  /** A recipient that it failed for. Of an array, all must match. */
  readonly to?: AddressMatch | readonly AddressMatch[]
}

/** A failure, with the recipients of the message. */
export interface FailedSend {
  readonly error: Pick<KeptFailure, 'code' | 'stage' | 'kind' | 'delivered' | 'retryable' | 'recipients'>
  readonly to: readonly string[]
}

const DELIVERED = ['none', 'some', 'unknown'] satisfies Delivered[]
const KIND_NAMES = Object.keys(KINDS)

export const FAILURE_FIELDS: ShapeFields<FailedSend> = {
  code: (wanted, name) => {
    const [stage, kind] = typeof wanted === 'string' ? wanted.split('/') : []
    if (stage !== undefined) checkWord(stage, STAGES, `the stage in ${name}`)
    if (stage !== undefined) checkWord(kind, KIND_NAMES, `the kind in ${name}`)
    return wordCheck('code', wanted, name)
  },
  stage: (wanted, name) => {
    checkWord(wanted, STAGES, name)
    return wordCheck('stage', wanted, name)
  },
  kind: (wanted, name) => {
    checkWord(wanted, KIND_NAMES, name)
    return wordCheck('kind', wanted, name)
  },
  delivered: (wanted, name) => {
    checkWord(wanted, DELIVERED, name)
    return wordCheck('delivered', wanted, name)
  },
  retryable: (wanted, name) => {
    if (typeof wanted !== 'boolean')
      throw new TypeError(`${name} must be true or false, but is ${shown(wanted)}`)
    return ({ error }) => (error.retryable === wanted ? undefined : `retryable is ${error.retryable}`)
  },
  to: (wanted, name) =>
    checkEach(wanted, name, (one) => {
      const test = addressTest(one, name)
      return (send) => {
        const failed = failedRecipients(send)
        if (failed.some((address) => test({ name: '', address }))) return undefined
        return `it failed for ${failed.join(', ') || 'nobody'}, not for ${shown(one)}`
      }
    }),
}

/** A misspelled word would never match, so `.not` would always pass. */
function checkWord(wanted: unknown, known: readonly string[], name: string): void {
  if (wanted !== undefined && typeof wanted !== 'string') return
  if (wanted === undefined || !known.includes(wanted))
    throw new TypeError(`${name} must be one of ${known.join(', ')}, but is ${shown(wanted)}`)
}

function wordCheck(
  field: 'code' | 'stage' | 'kind' | 'delivered',
  wanted: unknown,
  name: string,
): Check<FailedSend> {
  const test = valueTest<string>(wanted, name, { texts: (word) => [word] })
  return ({ error }) => {
    if (test(error[field])) return undefined
    return `${field} is ${error[field]}, ${typeof wanted === 'string' ? 'not' : 'which does not match'} ${shown(wanted)}`
  }
}

/** The recipients that may not have the message: all of them if the failure names none. */
function failedRecipients({ error: { recipients }, to }: FailedSend): readonly string[] {
  if (recipients.length === 0) return to
  return recipients.flatMap(({ address, status }) => (status === 'accepted' ? [] : address))
}
