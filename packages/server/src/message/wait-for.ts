import type { CapturedMessage } from './captured-message.ts'
import type { ConnectionRecord } from '../session/connection-record.ts'
import type { Listeners, ServerEvents } from '../server-events.ts'

/** Where to look for past events, and how to listen for future ones. */
export interface Sources {
  readonly listeners: Listeners
  readonly messages: readonly CapturedMessage[]
  readonly connections: readonly ConnectionRecord[]
  /** Any of these ends the wait. */
  readonly signals: readonly AbortSignal[]
}

/** Resolves to the first event that matches, past or future; rejects with a signal's reason. */
export async function waitFor<Name extends keyof ServerEvents>(
  name: Name,
  matches: (value: ServerEvents[Name]) => boolean,
  { listeners, signals, ...past }: Sources,
): Promise<ServerEvents[Name]> {
  const soFar = eventsSoFar(past)[name]
  const happened = soFar().find((value) => matches(value))
  if (happened) return happened
  const ended = AbortSignal.any([...signals])
  ended.throwIfAborted()
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      stop()
      ended.removeEventListener('abort', abort)
    }
    const abort = (): void => {
      settle()
      reject(ended.reason as Error)
    }
    const stop = listeners.on(name, (value) => {
      if (!matches(value)) return
      settle()
      resolve(value)
    })
    ended.addEventListener('abort', abort)
  })
}

function eventsSoFar({ messages, connections }: Pick<Sources, 'messages' | 'connections'>): {
  [Name in keyof ServerEvents]: () => readonly ServerEvents[Name][]
} {
  return {
    message: () => messages,
    connection: () => connections,
    close: () => connections.filter((connection) => connection.closedAt),
    entry: () =>
      connections.flatMap((connection) => connection.entries.map((entry) => ({ connection, entry }))),
    command: () =>
      connections.flatMap((connection) =>
        connection.entries.flatMap(({ command, text }) =>
          command === undefined ? [] : [{ connection, command, line: text }],
        ),
      ),
  }
}
