// One process with one mailer. It does its job, checks nothing, and prints the measurements.
import type { ClientModule } from './client.ts'
import type { Job, Measure } from './job.ts'
import { peakMemory } from './peak-memory.ts'
import { workOf } from './work.ts'

const job = JSON.parse(process.argv[2]!) as Job
const { target, mode, count } = job
const module = (await import(`./clients/${job.client}.js`)) as ClientModule
const work = workOf(job.work, job.file)

let total = 0
const measured = mode === 'compose' ? await composing() : await sending()
const peak = peakMemory()
console.log(JSON.stringify({ total, peak, ...measured } satisfies Measure))

async function sending(): Promise<Omit<Measure, 'peak' | 'total'>> {
  const client = await module.connect(target, work)
  const inFlight = client.queues ? 4 * target.connections * target.window : target.connections
  const sendFor = async (seconds: number): Promise<void> => {
    const until = performance.now() + seconds * 1000
    const sender = async (): Promise<void> => {
      do {
        await client.send()
        total++
      } while (performance.now() < until)
    }
    await Promise.all(Array.from({ length: inFlight }, sender))
  }
  const sendAll = async (): Promise<void> => {
    if (mode === 'many') await client.sendMany!(count)
    else await Promise.all(Array.from({ length: count }, () => client.send()))
    total += count
  }
  const took =
    mode === 'send'
      ? (await sendFor(job.warmUp), await measure(() => sendFor(job.seconds)))
      : await measure(sendAll)
  await client.close?.()
  return took
}

async function composing(): Promise<Omit<Measure, 'peak' | 'total'>> {
  const composeOne = await module.composer!(work, target.variant)
  const composeFor = async (seconds: number): Promise<void> => {
    const until = performance.now() + seconds * 1000
    do {
      const result = composeOne()
      // A mailer that composes synchronously does not pay for an await.
      if (result instanceof Promise) await result
      total++
    } while (performance.now() < until)
  }
  await composeFor(job.warmUp)
  return measure(() => composeFor(job.seconds))
}

async function measure(run: () => Promise<void>): Promise<Omit<Measure, 'peak' | 'total'>> {
  const before = total
  const start = performance.now()
  const cpu = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(cpu)
  return { sent: total - before, seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 }
}
