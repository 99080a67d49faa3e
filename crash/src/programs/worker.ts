// Sends what is in an outbox, until it dies or is stopped.
import { channel } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { outbox, worker, type WorkerOptions } from '@loudmail/outbox'
import { smtp } from '@loudmail/smtp'
import type { Death, Freeze } from '../death.ts'
import { openJournal } from '../journal.ts'
import { storeAt } from '../store-at.ts'
import { given, hear, leave, ready } from './boss.ts'
import { passing } from './point.ts'
import { watchedStore } from './watched-store.ts'

export interface WorkerGiven {
  readonly store: string
  readonly journal: string
  readonly port: number
  readonly life: string
  readonly window: number
  readonly options: WorkerOptions & { readonly leaseMs: number }
  readonly death?: Death | undefined
  readonly freeze?: Freeze | undefined
}

const { store, journal, port, life, window, options, death, freeze } = given as WorkerGiven
const write = openJournal(journal)
const pass = passing(death, freeze)
let isStopping = false

channel('net.client.socket').subscribe((event) => {
  const { socket } = event as { socket: Socket }
  pass('connecting')
  socket.prependOnceListener('connect', () => pass('connected'))
})

const watched = watchedStore(
  storeAt(store),
  (point) => {
    pass(point)
    if (isStopping && (point === 'replied' || point === 'settled')) pass('stopping')
  },
  write,
  life,
)
// The server knows by the name where the process is to die.
const name = `${life}.${death?.point ?? 'never'}.${death?.nth ?? 0}`
const transport = smtp({ host: '127.0.0.1', port, tls: 'none', name, pool: { window, connections: 3 } })
const box = outbox(transport, { store: watched })
await watched.open()
const running = worker(box, {
  ...options,
  observe: (event) => {
    // To read a failure is what takes it; otherwise it is printed.
    void event.error
  },
})

hear(() => {})
process.once('SIGTERM', () => {
  isStopping = true
  void running
    .close()
    .then(() => box.close?.())
    .then(leave)
})
ready()
