// A process that sends what is kept. It says how many messages it has sent, and what that cost.
import type { KeptModule, WorkerJob, WorkerNews } from './kept.ts'
import { peakMemory } from './peak-memory.ts'

const { client, target } = JSON.parse(process.argv[2]!) as WorkerJob
const module = (await import(`./clients/${client}.js`)) as KeptModule
const say = (news: WorkerNews): void => void process.send!(news)

let count = 0
const tell = (): void => {
  if (count > 0) say({ type: 'sent', count })
  count = 0
}

say({ type: 'ready' })
process.once('message', () => {
  const cpu = process.cpuUsage()
  const telling = setInterval(tell, 10)
  const sending = module.startSending(target, () => count++)
  process.once('message', () => void stop())

  async function stop(): Promise<void> {
    const { user, system } = process.cpuUsage(cpu)
    clearInterval(telling)
    await (await sending).close()
    say({ type: 'ended', cpu: (user + system) / 1e6, peak: peakMemory() })
    process.disconnect()
  }
})
