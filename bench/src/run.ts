import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { hasDatabase, startDatabase } from './databases.ts'
import type { Contestant, Group } from './group.ts'
import type { Job, KeptJob, Measure } from './job.ts'
import { LOG_IN } from './login.ts'
import { findProgram, hasProgram } from './programs.ts'
import type { Server } from './server.ts'
import { farAway, startServer } from './servers.ts'
import { workOf } from './work.ts'

const run = promisify(execFile)
/** The compiled JavaScript, as it is published, so that stripping types costs nothing. */
const DIST = join(import.meta.dirname, '../dist')

/** The measurements of every contestant in every round. */
export type Results = Readonly<Record<string, readonly Measure[]>>

export interface RunOptions {
  readonly pairs: number
  /** A factor for the length of every run. */
  readonly pace: number
  /** A folder for temporary files. */
  readonly folder: string
  readonly file: string
  readonly progress: (text: string) => void
}

/** Runs a group. In every round each contestant runs once, one after the other, each in its own process. */
export async function runGroup(group: Group, options: RunOptions): Promise<Results> {
  const server = group.server && (await serverOf(group, options.folder))
  const contestants = group.contestants.filter(
    ({ needs, database }) => (!needs || hasProgram(needs)) && (!database || hasDatabase(database)),
  )
  const results: Record<string, Measure[]> = {}
  try {
    for (let round = 1; round <= options.pairs; round++) {
      options.progress(`${group.id}: round ${round} of ${options.pairs}`)
      for (const contestant of contestants) {
        const measure = server
          ? await checked(server, contestant, () => runOne(group, contestant, server.port, options))
          : await runOne(group, contestant, 0, options)
        ;(results[contestant.label] ??= []).push(measure)
      }
    }
  } finally {
    await server?.stop()
  }
  return results
}

async function serverOf({ id, server, roundTripMs }: Group, root: string): Promise<Server> {
  const folder = join(root, id)
  mkdirSync(folder)
  const started = await startServer(server!, folder)
  return roundTripMs ? farAway(started, roundTripMs) : started
}

function runOne(group: Group, contestant: Contestant, port: number, options: RunOptions): Promise<Measure> {
  const { client, variant, folder, window = 1 } = contestant
  if (contestant.database) return keeping(group, contestant, port, options)
  if (group.mode === 'import') return importing(client, variant === 'source', group.count!)
  const job: Job = {
    mode: group.mode,
    client,
    target: {
      port,
      connections: group.connections,
      window,
      variant,
      folder,
      logIn: group.secure ? LOG_IN : undefined,
    },
    work: group.work,
    file: options.file,
    warmUp: 0.7 * options.pace,
    seconds: group.seconds * options.pace,
    count: Math.round((contestant.count ?? group.count ?? 0) * options.pace),
  }
  return client.endsWith('.py')
    ? python(job)
    : node([...(group.flags ?? []), 'child.js', JSON.stringify(job)])
}

/** With a database of its own, which is empty. */
async function keeping(
  group: Group,
  contestant: Contestant,
  port: number,
  options: RunOptions,
): Promise<Measure> {
  const database = await startDatabase(contestant.database!, join(options.folder, 'database'))
  const job: KeptJob = {
    client: contestant.client,
    target: { location: database.location, port, connections: group.connections },
    work: group.work,
    file: options.file,
    warmUp: 0.7 * options.pace,
    seconds: group.seconds * options.pace,
    count: Math.round((contestant.count ?? group.count ?? 0) * options.pace),
    workers: group.workers ?? 0,
  }
  try {
    return await node([...(group.flags ?? []), 'kept-child.js', JSON.stringify(job)])
  } finally {
    await database.stop()
  }
}

async function node(values: readonly string[]): Promise<Measure> {
  const { stdout } = await run(process.execPath, values, { cwd: DIST })
  return JSON.parse(stdout) as Measure
}

async function python(job: Job): Promise<Measure> {
  const { bytes, ...work } = workOf(job.work, job.file)
  // The length of a text that replaces the composed message.
  const length = { '1 KiB': 1024, '20 KiB': 20_480, '1 MiB': 1_435_000, '25 MiB': 35_870_000 }[job.work]
  const command = job.client.startsWith('smtp_source') ? findProgram('smtp-source') : undefined
  const whole = { ...job, work: { ...work, ...(bytes && { bytes: true }) }, length, command }
  const script = join(import.meta.dirname, 'clients', job.client)
  const { stdout } = await run(findProgram('python3'), [script, JSON.stringify(whole)])
  return JSON.parse(stdout) as Measure
}

/** The CPU time of whole processes that only load modules. */
async function importing(modules: string, fromSource: boolean, count: number): Promise<Measure> {
  const imports = modules.split(',').map((module) => `import ${JSON.stringify(module)}`)
  const print = `
const { user, system } = process.cpuUsage()
console.log(user + system)`
  const flags = fromSource ? ['--conditions=@loudmail/source', '--disable-warning=ExperimentalWarning'] : []
  const values = [...flags, '--input-type=module', '--eval', imports.join('\n') + print]
  const start = performance.now()
  let micros = 0
  for (let time = 0; time < count; time++) {
    const { stdout } = await run(process.execPath, values, { cwd: import.meta.dirname })
    micros += Number(stdout)
  }
  const seconds = (performance.now() - start) / 1000
  return { total: count, sent: count, seconds, cpu: micros / 1e6, peak: null }
}

/** @throws if the server did not receive exactly what was sent */
async function checked(
  server: Server,
  { label }: Contestant,
  send: () => Promise<Measure>,
): Promise<Measure> {
  const before = await server.messages()
  const measure = await send()
  const due = before + measure.total
  let taken = await server.messages()
  // The server's count may be a moment late.
  for (let tries = 0; taken < due && tries < 100; tries++) {
    await delay(20)
    taken = await server.messages()
  }
  if (taken !== due)
    throw new Error(`${label} sent ${measure.total} messages, but the server received ${taken - before}`)
  return measure
}
