import type { Step } from '../../src/doctor/report.ts'
import type { Target, Wishes } from '../../src/doctor/target.ts'
import { walk, type Walk } from '../../src/doctor/walk.ts'

/** A finished walk, and its steps by their name. */
export interface Walked extends Walk {
  /** The first step of that name. */
  readonly step: (name: string) => Step
  /** `verdict name`, one for each step. */
  readonly told: readonly string[]
}

const WISHES: Wishes = {
  from: undefined,
  to: [],
  send: false,
  sizeOctets: undefined,
  timeoutMs: 5_000,
  signal: new AbortController().signal,
  onStep: () => {},
}

/** Walks, and checks that each step was told as it ended. */
export async function walked(target: Partial<Target>, wishes: Partial<Wishes> = {}): Promise<Walked> {
  const told: Step[] = []
  const whole: Target = {
    url: 'smtp://mail.example.com',
    options: undefined,
    transport: undefined,
    words: 'smtp',
    steps: [],
    ...target,
  }
  const { steps, failure } = await walk(whole, { ...WISHES, onStep: (step) => told.push(step), ...wishes })
  if (!wishes.onStep && JSON.stringify(told) !== JSON.stringify(steps)) throw new Error('a step was not told')
  return {
    steps,
    failure,
    told: steps.map(({ verdict, name }) => `${verdict} ${name}`),
    step(name) {
      const found = steps.find((step) => step.name === name)
      if (!found) throw new Error(`no step ${name} in: ${steps.map((step) => step.name).join(', ')}`)
      return found
    },
  }
}
