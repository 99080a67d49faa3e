// One process that keeps messages on disk, or that has others send what it has kept. It prints the measurements.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { KeptJob, Measure } from './job.ts'
import { AT_ONCE, type KeptModule, type WorkerNews } from './kept.ts'
import { peakMemory } from './peak-memory.ts'
import { workOf } from './work.ts'

const job = JSON.parse(process.argv[2]!) as KeptJob
const { client, target, count, workers } = job
const module = (await import(`./clients/${client}.js`)) as KeptModule
const work = workOf(job.work, job.file)
console.log(JSON.stringify(await (workers === 0 ? keeping() : delivering())))

async function keeping(): Promise<Measure> {
  const kept = await module.keeper(target, work)
  let total = 0
  const keepFor = async (seconds: number): Promise<void> => {
    const until = performance.now() + seconds * 1_000
    await atOnce(async () => {
      await kept.keep()
      total++
      return performance.now() < until
    })
  }
  await keepFor(job.warmUp)
  const before = total
  const start = performance.now()
  const cpu = process.cpuUsage()
  await keepFor(job.seconds)
  const seconds = (performance.now() - start) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  await kept.close()
  return { total, sent: total - before, seconds, cpu: (user + system) / 1e6, peak: peakMemory() }
}

async function delivering(): Promise<Measure> {
  const kept = await module.keeper(target, work)
  let left = count
  await atOnce(async () => {
    if (left-- > 0) await kept.keep()
    return left > 0
  })
  await kept.close()

  const processes = Array.from({ length: workers }, () =>
    fork(join(import.meta.dirname, 'kept-worker.js'), [JSON.stringify({ client, target })]),
  )
  let sent = 0
  const ends: Extract<WorkerNews, { type: 'ended' }>[] = []
  const isDone = new Promise<void>((resolve, reject) => {
    for (const each of processes)
      each
        .on('message', (news: WorkerNews) => {
          if (news.type === 'ended') ends.push(news)
          if (news.type === 'sent' && (sent += news.count) >= count) resolve()
        })
        .on('exit', (code) => code && reject(new Error(`a worker ended with ${code}`)))
  })
  await Promise.all(processes.map((each) => once(each, 'message')))
  const start = performance.now()
  for (const each of processes) each.send('go')
  await isDone
  const seconds = (performance.now() - start) / 1_000
  const ended = Promise.all(processes.map((each) => once(each, 'exit')))
  for (const each of processes) each.send('stop')
  await ended
  const cpu = ends.reduce((total, end) => total + end.cpu, 0)
  return { total: count, sent: count, seconds, cpu, peak: Math.max(...ends.map(({ peak }) => peak)) }
}

/** Many callers, each of which goes on as long as the function says so. */
async function atOnce(call: () => Promise<boolean>): Promise<void> {
  // Large messages are kept one after the other: the memory of many streams is not what is measured.
  const callers = job.work === '25 MiB' ? 2 : AT_ONCE
  const caller = async (): Promise<void> => {
    while (await call());
  }
  await Promise.all(Array.from({ length: callers }, caller))
}
