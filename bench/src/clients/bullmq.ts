import { Queue, Worker } from 'bullmq'
import { createTransport } from 'nodemailer'
import { AT_ONCE, type Keeper, type KeptTarget } from '../kept.ts'
import { inputOf } from '../loudmail.ts'
import type { Work } from '../work.ts'

export async function keeper({ location }: KeptTarget, work: Work): Promise<Keeper> {
  const queue = new Queue('mail', {
    connection: { url: location },
    defaultJobOptions: { removeOnComplete: true },
  })
  const { attachments: _, ...message } = inputOf(work)
  return { keep: () => queue.add('mail', message), close: () => queue.close() }
}

export async function startSending({ location, port, connections }: KeptTarget, sent: () => void) {
  const transporter = createTransport({
    host: '127.0.0.1',
    port,
    secure: false,
    ignoreTLS: true,
    pool: true,
    maxConnections: connections,
    maxMessages: Infinity,
  })
  const worker = new Worker('mail', async ({ data }) => void (await transporter.sendMail(data as object)), {
    connection: { url: location, maxRetriesPerRequest: null },
    concurrency: AT_ONCE,
  })
  worker.on('completed', sent).on('failed', (_, error) => {
    throw error
  })
  return {
    async close() {
      await worker.close()
      transporter.close()
    },
  }
}
