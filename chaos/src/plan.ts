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
  readonly lies: boolean
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
}

/** How the messages leave. */
export interface ClientPlan {
  readonly through: 'smtp' | 'retry' | 'failover' | 'retry failover' | 'nodemailer' | 'retry nodemailer'
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
}

export function drawScene(random: Random, name: string): ScenePlan {
  const lies = random.chance(0.1)
  const client = drawClient(random.fork('client'), lies)
  const tls = random.one(['none', 'none', 'none', 'starttls', 'implicit'] as const)
  const servers = Array.from({ length: client.through.includes('failover') ? 2 : 1 }, (_, index) =>
    drawServer(random.fork('server', index), tls, lies),
  )
  const count = random.one([1, 4, 12, 24, 40])
  const spreadMs = random.one([0, 0, 30, 200])
  const isLarge = random.chance(0.3)
  const sends = Array.from({ length: count }, (_, index) =>
    drawSend(random.fork('send', index), `${name}-${index}`, { spreadMs, isLarge, lies }),
  )
  const closeAtMs = !lies && random.chance(0.25) ? random.whole(0, 300) : undefined
  return { servers, client, sends, closeAtMs }
}

function drawClient(random: Random, lies: boolean): ClientPlan {
  const isNodemailer = !lies && random.chance(0.1)
  const through = isNodemailer
    ? random.one(['nodemailer', 'retry nodemailer'] as const)
    : random.one(['smtp', 'smtp', 'retry', 'retry', 'failover', 'retry failover'] as const)
  return {
    through,
    window: random.one([1, 1, 2, 4, 8, 16, 16]),
    connections: random.one([1, 1, 2, 3, 4, 5]),
    // A client that leaves by itself hears no more of what a lying server says.
    messagesPerConnection: !lies && random.chance(0.25) ? random.whole(1, 6) : Infinity,
    idleMs: lies ? 5_000 : random.one([5, 50, 5_000]),
    partial: random.chance(0.15) ? 'abort' : 'deliver',
    proxy: isNodemailer ? 'none' : random.one(['none', 'none', 'none', 'none', 'http', 'socks5'] as const),
    timeoutMs: lies ? 5_000 : random.one([150, 300, 600]),
    deadlineMs: lies ? 10_000 : random.one([200, 500, 1_000]),
  }
}

function drawServer(random: Random, tls: ServerPlan['tls'], lies: boolean): ServerPlan {
  const isCalm = random.chance(0.25)
  const share = (): number => (random.chance(0.3) ? random.one([0.05, 0.3]) : 0)
  const refusals = { mail: share(), rcpt: share(), data: share(), content: share() }
  const isOrderly = lies || isCalm
  return {
    extensions: random.one([
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
      opening: isOrderly ? 0 : random.one([0, 0, 0.1]),
      middle: isOrderly ? 0 : random.one([0, 0, 0.1]),
    },
    delayMs: random.one([0, 0, 3, 20]),
    pieces: random.chance(0.2),
    mischief: isOrderly ? 0 : random.one([0.1, 0.3, 0.6, 1]),
    lies,
    connections: !isOrderly && random.chance(0.15) ? random.whole(1, 3) : Infinity,
    restartsAtMs:
      !isOrderly && random.chance(0.15)
        ? Array.from({ length: random.whole(1, 2) }, () => random.whole(0, 200))
        : [],
  }
}

interface Sending {
  readonly spreadMs: number
  readonly isLarge: boolean
  readonly lies: boolean
}

function drawSend(random: Random, id: string, { spreadMs, isLarge, lies }: Sending): SendPlan {
  // Where replies are one place off, a client cannot tell one recipient from the other.
  const count = lies ? 1 : random.one([1, 1, 1, 2, 3, 6])
  const octets = random.whole(100, isLarge ? random.one([3_000, 80_000, 300_000]) : 3_000)
  const content = random.one([
    'text',
    'text',
    'text',
    'text',
    'file',
    'function',
    'generator',
    'stream',
  ] as const)
  return {
    id,
    atMs: random.whole(0, spreadMs),
    recipients: Array.from({ length: count }, (_, index) => `r${index}@${id}.test`),
    octets,
    content,
    ends: lies || random.chance(0.9) ? 'well' : random.one(['stalls', 'fails'] as const),
    abortAfterMs: !lies && random.chance(0.12) ? random.one([-1, 0, 1, 5, 20, 60, 150]) : undefined,
  }
}
