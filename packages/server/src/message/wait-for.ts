import type { CapturedMessage } from './captured-message.ts'
import type { ConnectionRecord } from '../session/connection-record.ts'
import type { Listeners, ServerEvents } from '../server-events.ts'

/** Where to look for past events, and how to listen for future ones. */
export interface Sources<Events extends object> {
  readonly listeners: Listeners<Events>
  /** The events so far. */
  readonly past: { [Name in keyof Events]: () => readonly Events[Name][] }
  /** Any of these ends the wait. */
  readonly signals: readonly AbortSignal[]
}

/** Resolves to the first event that matches, past or future; rejects with a signal's reason. */
export async function waitFor<Events extends object, Name extends keyof Events>(
  name: Name,
  matches: (value: Events[Name]) => boolean,
  { listeners, past, signals }: Sources<Events>,
): Promise<Events[Name]> {
  const happened = past[name]().find((value) => matches(value))
  if (happened !== undefined) return happened
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

/** The events of an SMTP server so far. */
export function eventsSoFar(
  messages: readonly CapturedMessage[],
  connections: readonly ConnectionRecord[],
): Sources<ServerEvents>['past'] {
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
