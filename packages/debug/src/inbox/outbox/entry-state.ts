import type { ShownState } from './shown-outbox.ts'

/** What people read about a state. */
export interface StateWords {
  readonly title: string
  /** What it means for a message. */
  readonly meaning: string
}

/** Every state, in the order of the page. */
export const STATES: Readonly<Record<ShownState, StateWords>> = {
  waiting: { title: 'Waiting', meaning: 'Due now. A worker sends it as soon as it can.' },
  scheduled: { title: 'Scheduled', meaning: 'Waits for its time, or for its next attempt.' },
  'in-flight': { title: 'In flight', meaning: 'A worker is sending it.' },
  'in-doubt': {
    title: 'In doubt',
    meaning: 'May have been delivered, and nobody knows. Find out, and then say what you found.',
  },
  dead: {
    title: 'Dead',
    meaning: 'Nobody tries it again by itself. See why it failed, then send it again or discard it.',
  },
  sent: { title: 'Sent', meaning: 'Accepted for all of its recipients.' },
  discarded: { title: 'Discarded', meaning: 'A person gave it up.' },
}

export const STATE_NAMES = Object.keys(STATES) as readonly ShownState[]

export function isState(name: string | undefined): name is ShownState {
  return name !== undefined && Object.hasOwn(STATES, name)
}
