import { setTimeout as time } from 'node:timers/promises'
import { httpProxy, socksProxy, type TinyProxy } from '../../packages/smtp/test/tiny-proxies.ts'
import { mailerOf } from './client.ts'
import { becomesTrue, pass, settlesWithin } from './clock.ts'
import { messageOf, type OpenContents } from './content.ts'
import { Leave } from './leave.ts'
import { contradictionsOf, lossesOf } from './judge.ts'
import { ApiChaosServer } from './http/api-server.ts'
import type { LeftOver } from './left-over.ts'
import { drawScene, type ScenePlan, type ServerPlan, type Through } from './plan.ts'
import { Random } from './random.ts'
import type { ServerRecord } from './record.ts'
import { Sending } from './sending.ts'
import { ChaosServer } from './server.ts'

/** What `close()` may take after the last send has settled, with what a busy machine adds to it. */
const CLOSE_MS = 150
/** What a send may take longer than its deadline. */
const MARGIN_MS = 500
/** When a connection that was closed has to be gone. */
const GONE_MS = 300

/** What came of one scene. */
export interface Played {
  readonly plan: ScenePlan
  readonly sendings: readonly Sending[]
  readonly contradictions: readonly string[]
  /** What was said on every connection. */
  readonly log: readonly string[]
}

/**
 * Plays one scene, which the seed and its number decide, but for the order in which sockets come to speak.
 *
 * @param name goes into the ids of its messages: no two scenes of a process may have the same
 */
export async function play(
  seed: number,
  number: number,
  name: string,
  record: ServerRecord,
  { leftOver, through }: { readonly leftOver: LeftOver; readonly through?: Through | undefined },
): Promise<Played> {
  const random = new Random('scene', seed, number)
  const plan = drawScene(random, name, through)
  const { client, closeAtMs, mostUnknown } = plan
  const servers = plan.servers.map((each, index) =>
    serverOf(each, index, client.through, record, random.fork('server', index)),
  )
  await Promise.all(servers.map((server) => server.start()))
  await using proxy = await proxyOf(client.proxy)
  const leave = new Leave(plan.sends)
  const mailer = mailerOf(client, servers, proxy?.port, leave, (event) => {
    // To read a failure is what takes it; otherwise it is printed.
    void event.error
    const { sending } = event.context as { readonly sending: Sending }
    sending.events.push(event)
  })
  leftOver.watch(mailer)
  const contents: OpenContents = new Map()
  const isAllOrNone = client.partial === 'abort' && client.through === 'smtp'
  const contradictions: string[] = []

  const sendings = plan.sends.flatMap((each) => {
    // A stream can be read once, so each of two sends has its own.
    const send = (): Sending => new Sending(each, mailer, messageOf(each, contents))
    return each.isTwin ? [send(), send()] : [send()]
  })
  const allSettled = Promise.all(sendings.map(({ settled }) => settled))
  let closing: Promise<void> | undefined
  if (closeAtMs !== undefined) void time(closeAtMs).then(() => (closing = mailer.close()))
  const latestMs = Math.max(...plan.sends.map(({ atMs }) => atMs)) + client.deadlineMs + MARGIN_MS
  if (!(await settlesWithin(allSettled, latestMs)))
    contradictions.push('not every send settled within its deadline')
  // What is still to be said may be a late reply.
  if (closeAtMs === undefined) await becomesTrue(() => servers.every(({ isQuiet }) => isQuiet), 200)
  await pass(50)
  if (!(await settlesWithin((closing ??= mailer.close()), CLOSE_MS))) {
    const open = servers.flatMap((server) => server.open)
    contradictions.push(
      `close() does not settle within ${CLOSE_MS} ms of the last send; open: ${open.join(' ')}`,
    )
  }
  const left = (await Promise.all(servers.map((server) => server.end(GONE_MS)))).flat()
  if (left.length > 0) contradictions.push(`connections were left open: ${left.join(' ')}`)
  for (const { id, content, ends } of contents.values())
    contradictions.push(`${id}: its content is left open, a ${content} that ends ${ends}`)
  for (const sending of sendings) {
    const twins = sendings.filter(({ plan: { id } }) => id === sending.plan.id)
    const { id } = sending.plan
    contradictions.push(
      ...[
        ...contradictionsOf(sending, record, isAllOrNone, twins),
        ...leave.contradictionsOf(id, record.contents(id)),
      ].map((each) => `${id}: ${each}`),
    )
  }
  if (mostUnknown !== undefined) {
    const connections = servers.reduce((sum, server) => sum + server.connections, 0)
    contradictions.push(...lossesOf(sendings, mostUnknown * connections))
  }
  return { plan, sendings, contradictions, log: servers.flatMap(({ log }) => log) }
}

function proxyOf(kind: ScenePlan['client']['proxy']): Promise<TinyProxy | undefined> {
  if (kind === 'none') return Promise.resolve(undefined)
  return kind === 'http' ? httpProxy(() => undefined) : socksProxy()
}

function serverOf(
  plan: ServerPlan,
  index: number,
  through: Through,
  record: ServerRecord,
  random: Random,
): ChaosServer | ApiChaosServer {
  const api = through === 'providers' ? (['resend', 'postmark'] as const)[index] : undefined
  return api ? new ApiChaosServer(api, plan, record, random) : new ChaosServer(plan, record, random)
}
