import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Maildir } from './maildir.ts'
import type { Daemon, RootFolder } from './root-folder.ts'
import { waitUntil } from './wait-until.ts'

export type PortName = keyof RunningServer['ports']

/** A real server that this program started, listening on the loopback interface. */
export interface RunningServer {
  readonly ports: {
    /** STARTTLS, and AUTH after it. */
    readonly starttls: number
    /** The same, with CHUNKING if the server has it. */
    readonly chunking: number
    /** TLS from the first byte. */
    readonly implicit: number
  }
  /** Waits for the message with these words near its beginning, and returns it as it is in the mailbox. */
  arrived(mailbox: string, words: string): Promise<Buffer>
  /** How many such messages there are. */
  copies(mailbox: string, words: string): Promise<number>
  /** Ends the server and removes its spool. */
  close(): Promise<void>
}

export interface ServerParts {
  readonly root: RootFolder
  readonly daemon: Daemon
  readonly ports: RunningServer['ports']
  readonly logs: readonly string[]
}

/** Waits until a server greets. @throws Error with its log if it does not */
export async function runningServer({ root, daemon, ports, logs }: ServerParts): Promise<RunningServer> {
  const { child } = daemon
  const kill = (): void => void child.kill('SIGTERM')
  process.once('exit', kill)
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  const close = async (): Promise<void> => {
    process.off('exit', kill)
    const ended = once(child, 'exit')
    if (!hasEnded() && child.kill('SIGTERM')) await ended
    await root.remove()
  }
  const withLog = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      const log = await Promise.all(logs.map((file) => root.read(file)))
      throw new Error(`${String(error)}\n${[daemon.output(), ...log].join('').slice(-5000)}`, {
        cause: error,
      })
    }
  }
  const mailboxes = new Map<string, Maildir>()
  const maildir = (mailbox: string): Maildir => {
    const known = mailboxes.get(mailbox) ?? new Maildir(root.path(join('/var/mail', mailbox)))
    mailboxes.set(mailbox, known)
    return known
  }
  const greeted = (): Promise<true> =>
    waitUntil(`a greeting on port ${ports.starttls}`, () => {
      if (hasEnded()) throw new Error(`the server ended by itself (${child.exitCode ?? child.signalCode})`)
      return greets(ports.starttls)
    })
  try {
    await withLog(greeted)
  } catch (error) {
    await close()
    throw error
  }
  return {
    ports,
    arrived: (mailbox, words) =>
      withLog(() => waitUntil(`${words} in ${mailbox}`, () => maildir(mailbox).first(words))),
    copies: async (mailbox, words) => (await maildir(mailbox).find(words)).length,
    close,
  }
}

async function greets(port: number): Promise<true | undefined> {
  const socket = connect(port, '127.0.0.1')
  try {
    const [words] = (await once(socket, 'data', { signal: AbortSignal.timeout(2000) })) as [Buffer]
    return words.toString('latin1').startsWith('220') ? true : undefined
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}
