import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './programs.ts'
import { startPostfix } from './postfix.ts'
import { ended, freePort, listening, type Server } from './server.ts'

export type ServerName = 'smtp-sink' | 'our sink' | 'our sink with STARTTLS and AUTH' | 'Postfix'

/** @throws if the program is not installed */
export async function startServer(name: ServerName, folder: string): Promise<Server> {
  if (name === 'our sink') return startOurSink()
  if (name === 'our sink with STARTTLS and AUTH') return startOurSink('secure')
  return name === 'Postfix' ? startPostfix(folder) : startSmtpSink(folder)
}

/** The same server at a distance. */
export async function farAway(server: Server, roundTripMs: number): Promise<Server> {
  const proxy = forked('delay-proxy.ts', String(server.port), String(roundTripMs / 2))
  const { port } = await answer<{ port: number }>(proxy)
  return {
    port,
    messages: () => server.messages(),
    stop: async () => {
      await ended(proxy)
      await server.stop()
    },
  }
}

async function startOurSink(...values: readonly string[]): Promise<Server> {
  const child = forked('sink.ts', ...values)
  const { port } = await answer<{ port: number }>(child)
  return {
    port,
    async messages() {
      child.send('messages')
      return (await answer<{ messages: number }>(child)).messages
    },
    stop: () => ended(child),
  }
}

async function startSmtpSink(folder: string): Promise<Server> {
  const port = await freePort()
  const counted = join(folder, `smtp-sink-${port}`)
  const output = openSync(counted, 'w')
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = spawn(findProgram('smtp-sink'), [...user, '-c', `127.0.0.1:${port}`, '1024'], {
    stdio: ['ignore', output, 'inherit'],
  })
  closeSync(output)
  await listening(port)
  return {
    port,
    // It prints its counters after every message, over the previous line.
    messages: () => Promise.resolve(Number(/mesg=(\d+)\s*$/.exec(readFileSync(counted, 'latin1'))?.[1] ?? 0)),
    stop: () => ended(child),
  }
}

function forked(file: string, ...values: readonly string[]): ChildProcess {
  return fork(join(import.meta.dirname, file), values)
}

async function answer<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, 'message')) as [T]
  return message
}
