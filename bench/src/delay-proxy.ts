// A proxy that makes a server far away: it passes every chunk on, in order, after a delay. It runs in its own process.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

const [port, delayMs] = process.argv.slice(2).map(Number) as [number, number]

function delayed(from: Socket, to: Socket): void {
  const waiting: { due: number; bytes: Buffer | undefined }[] = []
  let timer: NodeJS.Timeout | undefined
  const pass = (): void => {
    timer = undefined
    const now = performance.now()
    to.cork()
    while (waiting.length > 0 && waiting[0]!.due <= now) {
      const { bytes } = waiting.shift()!
      if (bytes) to.write(bytes)
      else to.end()
    }
    to.uncork()
    arm()
  }
  const arm = (): void => {
    if (!timer && waiting.length > 0)
      timer = setTimeout(pass, Math.max(0, waiting[0]!.due - performance.now()))
  }
  const take = (bytes?: Buffer): void => {
    waiting.push({ due: performance.now() + delayMs, bytes })
    arm()
  }
  from.setNoDelay(true).on('data', take)
  from.on('end', () => take())
  from.on('error', () => to.destroy())
}

const server = createServer({ allowHalfOpen: true }, (client) => {
  const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  delayed(client, upstream)
  delayed(upstream, client)
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
