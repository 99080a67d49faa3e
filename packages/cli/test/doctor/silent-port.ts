import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/**
 * A port that answers nothing, not even a SYN, like one behind a firewall that drops packets: its queue of connections is
 * full, and nobody takes any.
 */
export async function silentPort(host = '127.0.0.1', at = 0): Promise<{ port: number } & AsyncDisposable> {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ ...workerData, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      setImmediate(() => { Atomics.wait(workerData.stop, 0, 0); process.exit() })
    })`,
    { eval: true, workerData: { stop, host, port: at } },
  )
  const [port] = (await once(worker, 'message')) as [number]
  const fillers: Socket[] = []
  // As soon as one does not connect, no other will.
  for (let isFull = false; !isFull && fillers.length < 300;) {
    const filler = connect(port, host).on('error', () => {})
    fillers.push(filler)
    const patience = AbortSignal.timeout(500)
    isFull = await once(filler, 'connect', { signal: patience }).then(
      () => false,
      () => true,
    )
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy()
      Atomics.store(stop, 0, 1)
      Atomics.notify(stop, 0)
      await once(worker, 'exit')
    },
  }
}
