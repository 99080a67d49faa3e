import type { ServerPlan } from '../plan.ts'
import type { Random } from '../random.ts'

/** What a server does about one request. */
export interface ApiDeed {
  /** When it decides: before the body is here, after so many octets of it, or when all of it is here. */
  readonly when: 'head' | 'middle' | 'whole'
  /** Whether it takes the message. It never does if it refuses it. */
  readonly takes: boolean
  /** What it says. `some`: it takes the message for some recipients only, and says so. */
  readonly says: 'taken' | 'some' | 'garbage' | 'nothing' | `${number}`
  /** Only so much of what it says, from 0 to 1, goes out. */
  readonly share: number
  /** What it does then. */
  readonly then: 'goes on' | 'closes' | 'resets' | 'falls silent'
}

const WELL: ApiDeed = { when: 'whole', takes: true, says: 'taken', share: 1, then: 'goes on' }
const REFUSALS = ['400', '401', '403', '422', '429', '503'] as const
const ERRORS = ['500', '502', '504', '524'] as const

/** What nobody can know is not played: a server that refuses a message with 4xx or 503, and keeps it. */
export function drawApiDeed(random: Random, { mischief, refusals }: ServerPlan): ApiDeed {
  if (random.chance(refusals.content)) return refusal(random)
  if (random.chance(refusals.rcpt)) return { ...WELL, says: 'some' }
  if (!random.chance(mischief / 2)) return WELL
  const then = random.one(['closes', 'resets', 'falls silent'] as const)
  return random.one([
    (): ApiDeed => refusal(random),
    (): ApiDeed => ({ ...WELL, takes: random.chance(0.5), says: random.one(ERRORS) }),
    (): ApiDeed => ({ ...WELL, takes: random.chance(0.5), says: 'garbage', then }),
    (): ApiDeed => ({ ...WELL, takes: random.chance(0.5), says: 'nothing', then }),
    (): ApiDeed => ({ ...WELL, share: random.next(), then }),
    (): ApiDeed => ({ ...WELL, says: 'some', share: random.next(), then }),
    (): ApiDeed => ({ ...WELL, then: 'closes' }),
    (): ApiDeed => ({
      when: random.one(['head', 'middle'] as const),
      takes: false,
      says: 'nothing',
      share: 1,
      then,
    }),
  ])()
}

function refusal(random: Random): ApiDeed {
  const when = random.one(['whole', 'whole', 'head'] as const)
  const share = random.chance(0.1) ? random.next() : 1
  // Who answers before the request is there cannot go on with the next one.
  const then = when === 'head' || share < 1 || random.chance(0.3) ? 'closes' : 'goes on'
  return { when, takes: false, says: random.one(REFUSALS), share, then }
}
