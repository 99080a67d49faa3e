import type { RecipientOutcome } from '@loudmail/core'
import type { ShownEntry, ShownOutbox, ShownState } from './shown-outbox.ts'

/** What a person can do with an entry. */
export type EntryAction = 'retry' | 'discard' | 'delivered' | 'not-delivered'

/** One action: where it is possible, and its words. */
interface ActionFacts {
  /** The page offers it in these states. */
  readonly states: readonly ShownState[]
  /** On the link that asks, and on the button that does it. */
  readonly title: string
  readonly question: string
  /** What it does. The recipients that it concerns are listed after it. */
  readonly effect: (entry: ShownEntry) => string
  /** Whether it concerns a recipient; `outcome` is undefined if nobody tried them yet. */
  readonly concerns: (outcome: RecipientOutcome | undefined, entry: ShownEntry, address: string) => boolean
  /** What the page says afterwards. */
  readonly done: string
  readonly act: (outbox: ShownOutbox, id: string) => Promise<void>
}

const isInDoubt: ActionFacts['concerns'] = (outcome) => outcome?.status === 'unknown'

/** A dead message goes to everybody who certainly does not have it, another one to those who are still to get it. */
const isToGetIt: ActionFacts['concerns'] = (outcome, { state, open }, address) =>
  state === 'dead' ? outcome?.status !== 'accepted' && outcome?.status !== 'unknown' : open.includes(address)

const AGAIN = 'It goes out as soon as a worker is free.'

/** Every action, in the order of the page. */
export const ACTIONS: Readonly<Record<EntryAction, ActionFacts>> = {
  delivered: {
    states: ['in-doubt'],
    title: 'It arrived',
    question: 'Do you know that it arrived?',
    effect: () => 'Nobody sends it again to those in doubt, because they have it:',
    concerns: isInDoubt,
    done: 'Those who were in doubt have it now, as you said.',
    act: (outbox, id) => outbox.resolve(id, 'delivered'),
  },
  'not-delivered': {
    states: ['in-doubt'],
    title: 'It did not arrive',
    question: 'Do you know that it did not arrive?',
    effect: () =>
      'It goes out again to those in doubt, with the same Message-ID. If it did arrive, they get it twice:',
    concerns: isInDoubt,
    done: AGAIN,
    act: (outbox, id) => outbox.resolve(id, 'not-delivered'),
  },
  retry: {
    states: ['scheduled', 'dead'],
    title: 'Send now',
    question: 'Send it now?',
    effect: () => `${AGAIN} It goes only to those who have not got it:`,
    concerns: isToGetIt,
    done: AGAIN,
    act: (outbox, id) => outbox.retry(id),
  },
  discard: {
    states: ['waiting', 'scheduled', 'in-doubt', 'dead'],
    title: 'Discard',
    question: 'Discard it?',
    effect: ({ recipients }) =>
      `Nobody sends it any more, and its content is removed. ${
        recipients.some((outcome) => outcome.status === 'unknown')
          ? 'Nobody will know whether all of these have it:'
          : 'These do not get it:'
      }`,
    concerns: (outcome) => outcome?.status !== 'accepted',
    done: 'It is discarded. Nobody sends it any more.',
    act: (outbox, id) => outbox.discard(id),
  },
}

export const ACTION_NAMES = Object.keys(ACTIONS) as readonly EntryAction[]

export function isAction(name: string | null | undefined): name is EntryAction {
  return typeof name === 'string' && Object.hasOwn(ACTIONS, name)
}

/** The recipients that an action concerns. */
export function concerned(action: EntryAction, entry: ShownEntry): readonly string[] {
  const outcomes = new Map(entry.recipients.map((outcome) => [outcome.address, outcome]))
  return entry.to.filter((address) => ACTIONS[action].concerns(outcomes.get(address), entry, address))
}

/** Whether an action is not possible in the state that the entry has. Any package may have made the error. */
export function isStateError(error: unknown): error is Error & { readonly state: ShownState | undefined } {
  return error instanceof Error && error.name === 'EntryStateError'
}
