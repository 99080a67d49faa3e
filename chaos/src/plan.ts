import { areSilent, drawLies, mostUnknownOf, type Lies } from './lies.ts'
import type { Random } from './random.ts'

/** How often, from 0 to 1, a server refuses; `middle` is in the middle of a content. */
interface Refusals {
  readonly opening: number
  readonly mail: number
  readonly rcpt: number
  readonly data: number
  readonly content: number
  readonly middle: number
}

/** What one server is like. */
export interface ServerPlan {
  readonly extensions: readonly string[]
  readonly tls: 'none' | 'starttls' | 'implicit'
  readonly refusals: Refusals
  readonly delayMs: number
  readonly pieces: boolean
  /** On how many of its connections, from 0 to 1, it does something strange. */
  readonly mischief: number
  /** It says one reply twice on most connections, and nothing else about it is strange. */
  readonly repeats: boolean
  /** How it does not do as it says. */
  readonly lies: Lies | undefined
  /** More connections than these are turned away. */
  readonly connections: number
  /** When it stops and starts again, in ms. */
  readonly restartsAtMs: readonly number[]
}

/** One message of a scene. */
export interface SendPlan {
  readonly id: string
  readonly atMs: number
  readonly recipients: readonly string[]
  readonly octets: number
  readonly content: 'text' | 'file' | 'function' | 'generator' | 'stream'
  /** How a stream of content ends. */
  readonly ends: 'well' | 'stalls' | 'fails'
  /** When its caller gives up, in ms after it began; -1 before it begins. */
  readonly abortAfterMs: number | undefined
  /** It is sent twice at about the same time, with the same idempotency key. */
  readonly isTwin: boolean
  /** It has an idempotency key. */
  readonly hasKey: boolean
  /** What says whether it may be transmitted, each time that it is about to be. */
  readonly leave: {
    readonly afterMs: number
    readonly refuses: 'no' | 'transient' | 'permanent'
  }
}

/** Where all recipients are. */
export const DOMAINS = ['one.test', 'two.test', 'three.test'] as const

/**
 * The transports and wrappers of a client. `all`: every wrapper, in the order that the docs recommend. `providers`: two APIs
 * over HTTP, and SMTP if they fail.
 */
export const THROUGH = [
  'smtp',
  'retry',
  'failover',
  'retry failover',
  'retry failover limit',
  'all',
  'nodemailer',
  'retry nodemailer',
  'providers',
] as const
export type Through = (typeof THROUGH)[number]

/** How the messages leave. */
export interface ClientPlan {
  readonly through: Through
  readonly window: number
  readonly connections: number
  readonly messagesPerConnection: number
  readonly idleMs: number
  readonly partial: 'deliver' | 'abort'
  readonly proxy: 'none' | 'http' | 'socks5'
  readonly timeoutMs: number
  readonly deadlineMs: number
}

/** Everything about one scene that chance decides before it begins. */
export interface ScenePlan {
  readonly servers: readonly ServerPlan[]
  readonly client: ClientPlan
  readonly sends: readonly SendPlan[]
  /** When the mailer is closed, in ms; undefined once all is done. */
  readonly closeAtMs: number | undefined
  /**
   * Nothing is wrong but what a client can find a way round: every message arrives, but for so many of each connection
   * that are told as `unknown`. Undefined where more is wrong.
   */
  readonly mostUnknown: number | undefined
}

/**
 * What is wrong in a scene. `repeats`: each server says one reply of a connection twice, and is in order otherwise.
 * `only lies`: the servers lie, and nothing else is wrong. `all and lies`: they lie on top of all the rest.
 */
type Trouble = 'all' | 'repeats' | 'only lies' | 'all and lies'

function drawTrouble(random: Random): Trouble {
  const chance = random.next()
  if (chance < 0.1) return 'repeats'
  if (chance < 0.25) return 'only lies'
  return chance < 0.4 ? 'all and lies' : 'all'
}

/** @param wanted the wrappers of every client, instead of what chance draws */
export function drawScene(random: Random, name: string, wanted?: Through): ScenePlan {
  const drawn = drawTrouble(random)
  const trouble = wanted && wanted !== 'smtp' && isOrderly(drawn) ? 'all' : drawn
  const own = drawClient(random.fork('client'), trouble)
  const client = wanted ? { ...own, through: wanted } : own
  const { window, partial, through } = client
  const isOnlyTrouble = trouble === 'only lies'
  const lies =
    isOnlyTrouble || trouble === 'all and lies'
      ? drawLies(random.fork('lies'), { window, isAllOrNone: partial === 'abort', isOnlyTrouble })
      : undefined
  const tls = random.one(['none', 'none', 'none', 'starttls', 'implicit'] as const)
  const servers = Array.from({ length: serversOf(through) }, (_, index) =>
    drawServer(random.fork('server', index), tls, trouble, lies),
  )
  const count = random.one([1, 4, 12, 24, 40])
  const spreadMs = random.one(lies?.pause ? [200, 500] : [0, 0, 30, 200])
  const isLarge = random.chance(lies?.chunking ? 0.7 : 0.3)
  const sends = Array.from({ length: count }, (_, index) =>
    drawSend(random.fork('send', index), `${name}-${index}`, { spreadMs, isLarge, trouble, through }),
  )
  const closeAtMs = !isOrderly(trouble) && random.chance(0.25) ? random.whole(0, 300) : undefined
  const mostUnknown = isOnlyTrouble && lies ? mostUnknownOf(lies, window) : undefined
  return {
    servers,
    // Who has to wait for a silent server gives up sooner; what is not silent is to have time.
    client: { ...client, ...(isOnlyTrouble && { timeoutMs: areSilent(lies!) ? 1_000 : 5_000 }) },
    sends,
    closeAtMs,
    mostUnknown,
  }
}

function serversOf(through: Through): number {
  if (through === 'all' || through === 'providers') return 3
  return through.includes('failover') ? 2 : 1
}

function isOrderly(trouble: Trouble): boolean {
  return trouble === 'repeats' || trouble === 'only lies'
}

function drawClient(random: Random, trouble: Trouble): ClientPlan {
  const isNodemailer = trouble === 'all' && random.chance(0.1)
  const through = isNodemailer
    ? random.one(['nodemailer', 'retry nodemailer'] as const)
    : random.one([
        'smtp',
        'smtp',
        'retry',
        'retry',
        'failover',
        'retry failover',
        'retry failover limit',
        'all',
      ] as const)
  const repeats = trouble === 'repeats'
  return {
    // Another try would hide that there was no way round a lie.
    through: trouble === 'only lies' ? 'smtp' : through,
    window: random.one([1, 1, 2, 4, 8, 16, 16]),
    connections: random.one([1, 1, 2, 3, 4, 5]),
    // A client that leaves by itself does not hear that a reply was said twice.
    messagesPerConnection: !repeats && random.chance(0.25) ? random.whole(1, 6) : Infinity,
    idleMs: repeats ? 5_000 : random.one([5, 50, 5_000]),
    partial: random.chance(0.15) ? 'abort' : 'deliver',
    proxy: isNodemailer ? 'none' : random.one(['none', 'none', 'none', 'none', 'http', 'socks5'] as const),
    timeoutMs: isOrderly(trouble) ? 5_000 : random.one([150, 300, 600]),
    deadlineMs: trouble === 'only lies' ? 40_000 : repeats ? 10_000 : random.one([200, 500, 1_000]),
  }
}

function drawServer(
  random: Random,
  tls: ServerPlan['tls'],
  trouble: Trouble,
  lies: Lies | undefined,
): ServerPlan {
  const isCalm = random.chance(0.25) || isOrderly(trouble)
  const refuses = trouble !== 'only lies'
  const share = (): number => (refuses && random.chance(0.3) ? random.one([0.05, 0.3]) : 0)
  const refusals = { mail: share(), rcpt: share(), data: share(), content: share() }
  return {
    extensions: lies
      ? drawOffers(random, lies)
      : random.one([
          [],
          ['PIPELINING'],
          ['CHUNKING', '8BITMIME'],
          ['PIPELINING', 'SIZE 10485760', '8BITMIME'],
          ['PIPELINING', 'SIZE 200000', '8BITMIME', 'CHUNKING'],
          ['PIPELINING', 'SIZE', '8BITMIME', 'CHUNKING', 'ENHANCEDSTATUSCODES'],
          ['PIPELINING', 'SIZE', '8BITMIME', 'CHUNKING', 'ENHANCEDSTATUSCODES'],
          ['PIPELINING', 'CHUNKING'],
        ]),
    tls,
    refusals: {
      ...refusals,
      opening: isCalm ? 0 : random.one([0, 0, 0.1]),
      middle: isCalm ? 0 : random.one([0, 0, 0.1]),
    },
    delayMs: random.one([0, 0, 3, 20]),
    pieces: random.chance(0.2),
    mischief: isCalm ? 0 : random.one([0.1, 0.3, 0.6, 1]),
    repeats: trouble === 'repeats',
    lies,
    connections: !isCalm && random.chance(0.15) ? random.whole(1, 3) : Infinity,
    restartsAtMs:
      !isCalm && random.chance(0.15)
        ? Array.from({ length: random.whole(1, 2) }, () => random.whole(0, 200))
        : [],
  }
}

/** What lies are about is offered. */
function drawOffers(random: Random, { pipelining, chunking }: Lies): string[] {
  const offersBdat = chunking !== undefined || (pipelining?.worksOn !== 'the first two' && random.chance(0.6))
  return [
    '8BITMIME',
    ...(pipelining || random.chance(0.7) ? ['PIPELINING'] : []),
    ...(offersBdat ? ['CHUNKING'] : []),
    ...(random.chance(0.5) ? ['SIZE', 'ENHANCEDSTATUSCODES'] : []),
  ]
}

interface Sending {
  readonly spreadMs: number
  readonly isLarge: boolean
  readonly trouble: Trouble
  readonly through: Through
}

function drawSend(random: Random, id: string, { spreadMs, isLarge, trouble, through }: Sending): SendPlan {
  // Where replies are one place off, a client cannot tell one recipient from the other.
  const count = trouble === 'repeats' ? 1 : random.one([1, 1, 1, 2, 3, 6])
  const octets = random.whole(100, isLarge ? random.one([3_000, 80_000, 300_000]) : 3_000)
  const content = random.one([
    'text',
    'text',
    'text',
    'text',
    'file',
    'function',
    'generator',
    // Only once can it be read: it has no second way.
    ...(trouble === 'only lies' ? [] : ['stream' as const]),
  ] as const)
  return {
    id,
    atMs: random.whole(0, spreadMs),
    recipients: Array.from({ length: count }, (_, index) => `r${index}-${id}@${random.one(DOMAINS)}`),
    octets,
    content,
    ends: isOrderly(trouble) || random.chance(0.9) ? 'well' : random.one(['stalls', 'fails'] as const),
    abortAfterMs:
      !isOrderly(trouble) && random.chance(0.12) ? random.one([-1, 0, 1, 5, 20, 60, 150]) : undefined,
    isTwin: through === 'all' && random.chance(0.25),
    hasKey: through === 'providers' && random.fork('key').chance(0.5),
    leave: drawLeave(random.fork('leave'), isOrderly(trouble)),
  }
}

function drawLeave(random: Random, isGiven: boolean): SendPlan['leave'] {
  return {
    afterMs: random.one([0, 0, 0, 1, 5, 30]),
    refuses: isGiven || random.chance(0.9) ? 'no' : random.one(['transient', 'permanent'] as const),
  }
}
