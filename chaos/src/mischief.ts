import type { Random } from './random.ts'

/** What a server can do something strange at. `CONTENT` is the end of a message's content. */
export type Occasion = 'CONNECT' | 'EHLO' | 'STARTTLS' | 'MAIL' | 'RCPT' | 'DATA' | 'CONTENT' | 'RSET'

/** What a server says at that occasion. All but `its reply` and `its reply twice` end the client's trust in it. */
type Words =
  | 'its reply'
  | 'its reply twice'
  | 'half its reply'
  | 'nothing'
  | 'garbage'
  | `${number} ${string}`

/** What it does then. To work on is to carry out all that comes, without a word of it. */
export type Deed =
  | 'goes on'
  | 'falls silent and works on'
  | 'closes'
  | 'closes and works on'
  | 'resets'
  | 'stops reading'
  | 'pauses'

/** One strange thing that a server does on one connection. */
export interface Mischief {
  /** At which occasion, and at which of its kind; or after so many octets or ms. */
  readonly at: Occasion | 'octets' | 'ms'
  readonly count: number
  /** Whether what the client asked for is done. */
  readonly carriesOut: boolean
  readonly says: Words
  readonly deed: Deed
}

const SMTP_OCCASIONS = ['MAIL', 'RCPT', 'DATA', 'CONTENT', 'CONTENT', 'CONTENT', 'RSET'] as const
const OPENING_OCCASIONS = ['CONNECT', 'EHLO', 'STARTTLS'] as const
const ENDS = [
  'falls silent and works on',
  'closes',
  'closes and works on',
  'resets',
  'stops reading',
] as const

type Drawn = Pick<Mischief, 'carriesOut' | 'says' | 'deed'>

const KINDS: readonly ((random: Random) => Drawn)[] = [
  (random) => ({ carriesOut: false, says: '421 4.3.2 Try later', deed: random.one(['goes on', ...ENDS]) }),
  () => ({ carriesOut: false, says: '421 4.3.2 Try later', deed: 'goes on' }),
  (random) => ({ carriesOut: random.chance(0.5), says: 'garbage', deed: random.one(['goes on', ...ENDS]) }),
  // A reply that is left out, with others behind it, would be one that no client can miss.
  (random) => ({ carriesOut: true, says: random.one(['nothing', 'half its reply']), deed: random.one(ENDS) }),
  (random) => ({
    carriesOut: false,
    says: 'nothing',
    deed: random.one(['closes', 'resets', 'stops reading']),
  }),
  (random) => ({ carriesOut: true, says: 'its reply', deed: random.one([...ENDS, 'pauses']) }),
]

/** What one connection of a server has in store; most have nothing. */
export function drawMischief(random: Random, share: number): Mischief | undefined {
  if (!random.chance(share)) return undefined
  if (random.chance(0.2)) return refusedReset(random)
  if (random.chance(0.15)) return afterOctets(random)
  if (random.chance(0.15)) return afterTime(random)
  const isOpening = random.chance(0.12)
  const at = random.one(isOpening ? OPENING_OCCASIONS : SMTP_OCCASIONS)
  const count = isOpening || random.chance(0.3) ? 1 : random.whole(1, 8)
  return { at, count, ...random.one(KINDS)(random) }
}

/**
 * A server that says one reply of a connection twice, and is in order otherwise: every later reply comes one place too
 * late, until one that nobody asked for gives it away.
 */
export function drawRepeat(random: Random): Mischief {
  const at = random.one([...SMTP_OCCASIONS, 'EHLO'] as const)
  return { at, count: random.whole(1, 4), carriesOut: true, says: 'its reply twice', deed: 'goes on' }
}

function refusedReset(random: Random): Mischief {
  const says = random.one(['500 5.5.1 What?', '502 5.5.1 Not here', '554 5.5.0 Too many resets'] as const)
  const deed = random.one(['goes on', 'falls silent and works on', 'closes', 'closes and works on'] as const)
  return { at: 'RSET', count: random.whole(1, 4), carriesOut: true, says, deed }
}

function afterOctets(random: Random): Mischief {
  const count = random.chance(0.7) ? random.whole(0, 3_000) : random.whole(3_000, 200_000)
  return { at: 'octets', count, carriesOut: false, says: 'nothing', deed: random.one([...ENDS, 'pauses']) }
}

function afterTime(random: Random): Mischief {
  const count = random.whole(0, 150)
  const says = random.one(['nothing', 'nothing', 'garbage', '421 4.4.2 Idle for too long'] as const)
  // Unasked, 421 may be taken for the answer to what the server is about to read: it must not work on.
  const deed = says.startsWith('421') ? 'closes' : random.one([...ENDS, 'pauses'] as const)
  return { at: 'ms', count, carriesOut: false, says, deed }
}
