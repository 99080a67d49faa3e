import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** The queue of connections is full and nobody takes one out of it, so the system drops every further request. */
const PROGRAM = `
import socket, sys
server = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((sys.argv[1], int(sys.argv[2])))
server.listen(0)
first = [socket.socket(server.family) for _ in range(2)]
for each in first:
    each.setblocking(False)
    each.connect_ex(server.getsockname())
print('full', flush=True)
sys.stdin.read()
`

/** A port that answers like a firewall that drops what comes: not at all. */
export async function silentPort(host: string, port: number): Promise<AsyncDisposable> {
  const child = spawn('python3', ['-c', PROGRAM, host, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}
