import { STAGES, type Delivered, type FailureCode, type Kind, type Stage } from '@loudmail/core'
import { KIND_SCOPES } from '@loudmail/core/transport'
import { addressTest, type AddressMatch } from './address-match.ts'
import type { KeptFailure } from '../inbox/inbox-source.ts'
import { checkEach, type Check, type ShapeFields } from './shape.ts'
import { shown, valueTest, type ValueMatch } from './value-match.ts'

/** What is wanted of a failure: all that is there must match. */
export interface FailureShape {
  /** `rcpt-to/mailbox-full`, say. */
  readonly code?: ValueMatch<FailureCode, FailureCode>
  readonly stage?: ValueMatch<Stage, Stage>
  readonly kind?: ValueMatch<Kind, Kind>
  readonly delivered?: ValueMatch<Delivered, Delivered>
  readonly retryable?: boolean
  /** A recipient it failed for; of an array, every one must be. */
  readonly to?: AddressMatch | readonly AddressMatch[]
}

/** A failure, with whom the message was for. */
export interface FailedSend {
  readonly error: Pick<KeptFailure, 'code' | 'stage' | 'kind' | 'delivered' | 'retryable' | 'recipients'>
  readonly to: readonly string[]
}

const DELIVERED = ['none', 'some', 'unknown'] satisfies Delivered[]
const KINDS = Object.keys(KIND_SCOPES)

export const FAILURE_FIELDS: ShapeFields<FailedSend> = {
  code: (wanted, name) => {
    const [stage, kind] = typeof wanted === 'string' ? wanted.split('/') : []
    if (stage !== undefined) checkWord(stage, STAGES, `the stage in ${name}`)
    if (stage !== undefined) checkWord(kind, KINDS, `the kind in ${name}`)
    return wordCheck('code', wanted, name)
  },
  stage: (wanted, name) => {
    checkWord(wanted, STAGES, name)
    return wordCheck('stage', wanted, name)
  },
  kind: (wanted, name) => {
    checkWord(wanted, KINDS, name)
    return wordCheck('kind', wanted, name)
  },
  delivered: (wanted, name) => {
    checkWord(wanted, DELIVERED, name)
    return wordCheck('delivered', wanted, name)
  },
  retryable: (wanted, name) => {
    if (typeof wanted !== 'boolean')
      throw new TypeError(`${name} must be true or false, and is ${shown(wanted)}`)
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

/** A misspelled word would never match, which `.not` would take for a yes. */
function checkWord(wanted: unknown, known: readonly string[], name: string): void {
  if (wanted !== undefined && typeof wanted !== 'string') return
  if (wanted === undefined || !known.includes(wanted))
    throw new TypeError(`${name} must be one of ${known.join(', ')}, and is ${shown(wanted)}`)
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

/** Those who do not have it for certain: all, where the failure names none. */
function failedRecipients({ error: { recipients }, to }: FailedSend): readonly string[] {
  if (recipients.length === 0) return to
  return recipients.flatMap(({ address, status }) => (status === 'accepted' ? [] : address))
}
