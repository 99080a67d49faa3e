import { box, MAIL_URL, startWorker } from './shop-mail.ts'

// Sends what the shop puts into the outbox, in a process of its own: start the shop with WORKER=apart.
if (!MAIL_URL)
  throw new Error('The worker needs MAIL_URL: mail that is captured is shown by the process that captures it')

// snippet: express-worker
await box.store.open()
const sender = startWorker()
console.log('the worker sends')

// It takes no more messages, finishes those in flight, and then the process ends.
process.once('SIGTERM', () => void close())

async function close(): Promise<void> {
  await sender.close()
  await box.close?.()
}
// end
