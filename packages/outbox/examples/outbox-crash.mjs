// Enqueues 500 messages, and kills the process that sends them ten times, each time between the end of a message and the
// answer to it: nobody can know then whether it arrived. Then it compares the outbox with what the server took.
//
//   npm install @loudmail/outbox @loudmail/core @loudmail/smtp @loudmail/server
//   node node_modules/@loudmail/outbox/examples/outbox-crash.mjs
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as time } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { outbox, sqlite, worker } from '@loudmail/outbox'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

const MESSAGES = 500
const KILLS = 10

const [file, url] = process.argv.slice(2)
if (file && url) work()
else await crash()

/** The process that is killed. */
function work() {
  worker(outbox(smtp(url), { store: sqlite(file) }), {
    leaseMs: 2_000,
    // A worker without an observer prints every failure, also that a message is in doubt.
    observe: ({ error }) => void error,
  })
  process.on('disconnect', () => process.exit())
}

async function crash() {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-crash-'))
  const store = sqlite(join(folder, 'mail.db'))
  let sender
  let kills = 0
  let taken = 0
  const server = await startServer({
    on: {
      DOT: async () => {
        const isTime = ++taken >= (kills + 1) * (MESSAGES / (KILLS + 1))
        if (isTime && kills < KILLS && sender.exitCode === null && !sender.killed) {
          kills++
          sender.kill('SIGKILL')
        }
        await time(5)
        return undefined
      },
    },
  })
  const box = outbox(smtp(server.url), { store })
  try {
    const message = { from: 'shop@sender.example', to: 'ann@rcpt.example', text: 'Thank you.' }
    const enqueued = await Promise.all(
      Array.from({ length: MESSAGES }, (_, order) => box.enqueue({ ...message, subject: `Order ${order}` })),
    )

    // On Node 22, SQLite would print a warning for each of them.
    const execArgv = ['--disable-warning=ExperimentalWarning']
    const given = [join(folder, 'mail.db'), server.url]
    const start = () => fork(fileURLToPath(import.meta.url), given, { execArgv })
    while (kills < KILLS) {
      sender = start()
      await once(sender, 'exit')
    }
    sender = start()
    for (let left = 1; left > 0; await time(100)) {
      const counts = await box.counts()
      left = counts.waiting + counts.scheduled + counts['in-flight']
    }
    sender.kill()
    await once(sender, 'exit')

    const copies = Map.groupBy(
      server.messages,
      ({ content }) => /^Message-ID: (.+)\r$/im.exec(`${content}`)[1],
    )
    const states = await Promise.all(enqueued.map(async ({ id }) => (await box.get(id))?.state))
    const found = enqueued.map(({ messageId }, index) => ({
      number: copies.get(messageId)?.length ?? 0,
      isInDoubt: states[index] === 'in-doubt',
    }))
    const count = (isSo) => found.filter(isSo).length
    const lost = count(({ number, isInDoubt }) => number === 0 && !isInDoubt)
    const twice = count(({ number }) => number > 1)
    console.log(`enqueued ${enqueued.length}, killed the worker ${kills} times`)
    console.log(`sent once ${count(({ number, isInDoubt }) => number === 1 && !isInDoubt)}`)
    const arrived = count(({ number, isInDoubt }) => number > 0 && isInDoubt)
    console.log(`in doubt ${count(({ isInDoubt }) => isInDoubt)}, of which ${arrived} arrived`)
    console.log(`lost ${lost}`)
    console.log(`twice ${twice}`)
    process.exitCode = lost + twice === 0 ? 0 : 1
  } finally {
    await box.close()
    await server.close()
    rmSync(folder, { recursive: true })
  }
}
