// An SMTP server that nobody kills. It writes down each message that it takes, before it says so.
import { setTimeout as time } from 'node:timers/promises'
import { startServer, type Action, type ActionContext } from '@loudmail/server'
import { Random } from '../../../chaos/src/random.ts'
import type { ServerPoint } from '../death.ts'
import { openJournal } from '../journal.ts'
import { LARGE, messagePlan, numberOf } from '../message-plan.ts'
import { given, hear, ready, tell } from './boss.ts'

export interface ServerGiven {
  readonly seed: number
  readonly scene: number
  readonly journal: string
  readonly caps: readonly string[]
  /** How long it takes for the answer to some messages, in ms. */
  readonly slowMs: number
}

/** A worker as the server knows it: by the name that it gives. */
interface Client {
  readonly life: string
  /** Where it is to die, and at which time that it comes there. */
  readonly point: string
  readonly nth: number
  readonly times: Map<string, number>
}

const { seed, scene, journal, caps, slowMs } = given as ServerGiven
const write = openJournal(journal)
const clients = new Map<string, Client>()
const lives = new WeakMap<object, Client>()
const seen = new WeakSet<object>()
const tries = new Map<string, number>()
const dead = new Map<string, () => void>()

/** Has a worker killed if this is where it dies, and answers once it is dead. @returns whether it is */
async function pass(point: ServerPoint, { connection }: ActionContext): Promise<boolean> {
  const client = lives.get(connection)
  if (client?.point !== point) return false
  const times = (client.times.get(point) ?? 0) + 1
  client.times.set(point, times)
  if (times < client.nth) return false
  await new Promise<void>((resolve) => {
    dead.set(client.life, resolve)
    tell({ kill: client.life })
  })
  return true
}

const on: Readonly<Record<string, Action>> = {
  EHLO: async (context) => {
    const [, name] = context.line.split(' ')
    const [life, point, nth] = name!.split('.')
    if (!clients.has(life!))
      clients.set(life!, { life: life!, point: point!, nth: Number(nth), times: new Map() })
    lives.set(context.connection, clients.get(life!)!)
    await pass('ehlo', context)
    return undefined
  },
  MAIL: async (context) => {
    const { connection } = context
    if (seen.has(connection)) await pass('between', context)
    seen.add(connection)
    return undefined
  },
  RCPT: async (context) => {
    await pass('rcpt', context)
    const address = context.recipient!
    if (address.startsWith('no-')) return '550 5.1.1 No such user'
    const times = (tries.get(address) ?? 0) + 1
    tries.set(address, times)
    return address.startsWith('later-') && times === 1 ? '452 4.2.2 Mailbox full' : undefined
  },
  DATA: async (context) => {
    await pass('data', context)
    return undefined
  },
  BODY: {
    seq: [
      async (context) => {
        await pass('content', context)
        return { seq: [] }
      },
      {
        after: LARGE / 2,
        do: async (context) => {
          await pass('middle', context)
          return { seq: [] }
        },
      },
    ],
  },
  DOT: async (context) => {
    const number = numberOf(context.envelope!.from)
    if (await pass('dropped', context)) {
      write({ what: 'dropped', number })
      return '451 4.3.0 Try again'
    }
    await pass('dot', context)
    const random = new Random('server', seed, scene, number)
    if (random.chance(0.15)) await time(random.next() * slowMs)
    return undefined
  },
}

const server = await startServer({
  caps,
  on,
  maxMessages: 1,
  maxConnections: 10,
  maxEntries: 10,
  onMessage({ envelope, content, octets, connection }) {
    const number = numberOf(envelope.from)
    const { octets: planned } = messagePlan(seed, scene, number)
    const head = content.subarray(0, 2_000).toString('latin1')
    const isWhole = octets > planned && content.includes(`This is message ${number}.`)
    const record = server.connections.find(({ id }) => id === connection)
    write({
      what: 'accepted',
      number,
      messageId: /^message-id:\s*(<[^>]+>)/im.exec(head)?.[1] ?? '',
      recipients: envelope.to,
      octets,
      isWhole,
      at: Date.now(),
      life: (record && lives.get(record)?.life) ?? '',
    })
  },
})

hear((told: { dead: string }) => dead.get(told.dead)?.())
ready({ port: server.port })
