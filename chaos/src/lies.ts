import type { Random } from './random.ts'

/** What a server does about several commands that it reads at once, although it offers PIPELINING. */
export interface PipeliningLie {
  /** Nobody hears of the others again. */
  readonly worksOn: 'the first' | 'the first two' | 'the last' | 'none'
  /** One reply in place of all that are left out. */
  readonly says: string | undefined
  readonly closes: boolean
}

/** What a server does about BDAT, although it offers CHUNKING. */
export interface ChunkingLie {
  readonly at: 'every chunk' | 'the last chunk'
  readonly octets: 'kept' | 'dropped' | 'taken for commands'
  /** What it says of octets that it does not keep. */
  readonly says: string | undefined
  /** What it keeps has its usual reply so many ms too late; undefined: none. */
  readonly lateMs: number | undefined
  readonly closes: boolean
}

/** How a server does not do as it says, on some or all of its connections. */
export interface Lies {
  /** On how many connections, from 0 to 1, as if several servers stood behind one address. */
  readonly share: number
  /** How many messages a connection takes before it lies about extensions. */
  readonly from: number
  readonly pipelining: PipeliningLie | undefined
  readonly chunking: ChunkingLie | undefined
  /** When it closes a connection, without a word. */
  readonly leaves: { readonly afterMessages: number; readonly deed: 'closes' | 'resets' } | undefined
  /** After a pause between two messages it says this, and closes. */
  readonly pause: { readonly ms: number; readonly says: string | undefined } | undefined
}

/** What the lies of a scene depend on. */
interface Around {
  readonly window: number
  readonly isAllOrNone: boolean
  /** Nothing else is wrong in the scene, so that every message has to arrive. */
  readonly isOnlyTrouble: boolean
}

const PIPELINING_NAMED = [
  '500 5.5.1 Invalid command: Pipelining not supported',
  '502 5.5.1 No pipelining here',
  '503 5.5.0 Improper use of SMTP command pipelining',
  '554 SMTP synchronization error',
  '421 4.7.0 Command pipelining is not allowed here',
]
const OUT_OF_ORDER = [
  '500 Syntax error',
  '500 5.5.2 Unknown command',
  '502 5.5.1 Not implemented',
  '503 5.5.1 Bad sequence of commands',
]
const WAITED = '421 4.4.2 Timeout exceeded'
const OTHER = ['554 5.7.1 No', '421 4.3.2 Try later']

const BDAT_NAMED = ['554 5.7.0 BDAT is not allowed', '451 4.3.0 CHUNKING is switched off', '500 BDAT?']
const UNKNOWN_COMMAND = [
  '500 5.5.2 Command not recognized',
  '501 5.5.4 Syntax error in parameters',
  '502 5.5.1 Command not implemented',
  '503 5.5.1 Bad sequence of commands',
  '504 Command parameter not implemented',
]

const FAREWELLS = ['421 4.4.2 Idle for too long', '451 4.4.2 Timeout', '221 2.0.0 Bye', undefined]

export function drawLies(random: Random, around: Around): Lies {
  const about = random.one(['PIPELINING', 'PIPELINING', 'CHUNKING', 'CHUNKING', 'both', 'idle'] as const)
  const share = random.one([1, 1, 0.5])
  // Where messages are under way together, some are in doubt once the server lies, or fail without a remedy.
  const from = around.isOnlyTrouble && around.window > 1 ? 0 : random.one([0, 0, 0, 1, 3])
  const chunking = about === 'CHUNKING' || about === 'both'
  const pipelining = about === 'PIPELINING' || about === 'both'
  return {
    share,
    from,
    pipelining: pipelining ? drawPipelining(random, around, share, from) : undefined,
    chunking: chunking ? drawChunking(random, around, share, from) : undefined,
    leaves:
      about === 'idle' && random.chance(0.6)
        ? { afterMessages: random.one([1, 1, 2, 5]), deed: random.one(['closes', 'closes', 'resets']) }
        : undefined,
    pause: about === 'idle' ? { ms: random.whole(5, 80), says: random.one(FAREWELLS) } : undefined,
  }
}

function drawPipelining(random: Random, around: Around, share: number, from: number): PipeliningLie {
  const { window, isOnlyTrouble, isAllOrNone } = around
  // MAIL and one RCPT do not show that the server works on no more than two.
  const worksOn = random.one(['the first', 'the first', 'the last', 'none', 'the first two'] as const)
  const isLate = from > 0 || worksOn === 'the first two'
  if (!isOnlyTrouble) {
    const says = random.one([undefined, ...PIPELINING_NAMED, ...OUT_OF_ORDER, ...OTHER, WAITED])
    return { worksOn, says, closes: window > 1 || random.chance(0.3) }
  }
  // What a client may take for a refusal of its message, or for a server that is slow, has no remedy.
  const says = random.one([
    ...PIPELINING_NAMED,
    ...(isLate ? [] : OUT_OF_ORDER),
    ...(isLate || share < 1 ? [] : [undefined, undefined, WAITED]),
  ])
  const closes = says !== undefined && ((window > 1 && isLate) || random.chance(0.3))
  return { worksOn: worksOn === 'the last' && (from > 0 || isAllOrNone) ? 'none' : worksOn, says, closes }
}

function drawChunking(random: Random, around: Around, share: number, from: number): ChunkingLie {
  const { window, isOnlyTrouble } = around
  const at = random.one(['every chunk', 'every chunk', 'the last chunk'] as const)
  const mustClose = window > 1 && from > 0
  const closes = mustClose || random.chance(0.3)
  if (random.chance(0.2))
    return {
      at,
      octets: 'kept',
      says: undefined,
      lateMs: isOnlyTrouble ? random.whole(5, 20) : random.whole(20, 400),
      closes: mustClose,
    }
  // What a client must not send again.
  if (random.chance(0.35))
    return { at: 'the last chunk', octets: 'kept', says: undefined, lateMs: undefined, closes }
  // A server that was only slow has no remedy once the extension has worked.
  const maySayNothing = !isOnlyTrouble || (share === 1 && from === 0)
  if (maySayNothing && random.chance(0.25))
    return { at, octets: 'dropped', says: undefined, lateMs: undefined, closes: mustClose }
  const says = random.one(isOnlyTrouble && from > 0 ? BDAT_NAMED : [...BDAT_NAMED, ...UNKNOWN_COMMAND])
  return { at, octets: random.one(['dropped', 'taken for commands']), says, lateMs: undefined, closes }
}

/** Whether a client has to wait until it gives up. */
export function areSilent({ pipelining, chunking }: Lies): boolean {
  return (
    (pipelining !== undefined && pipelining.says === undefined) ||
    (chunking !== undefined && chunking.says === undefined && chunking.lateMs === undefined)
  )
}

/** Those of several commands that a server works on. */
export function chosenOf(lines: readonly string[], { worksOn }: PipeliningLie): readonly string[] {
  if (worksOn === 'the last') return lines.slice(-1)
  return lines.slice(0, worksOn === 'none' ? 0 : worksOn === 'the first' ? 1 : 2)
}

/** How many messages of one connection may be in doubt although nothing else is wrong. */
export function mostUnknownOf({ leaves, pause, pipelining }: Lies, window: number): number {
  const endsWindows = leaves !== undefined || pause !== undefined || pipelining?.worksOn === 'the first two'
  return endsWindows ? 2 * window : 1
}
