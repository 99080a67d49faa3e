import type { CapturedMessage } from './message/captured-message.ts'
import type { ConnectionRecord, ConversationEntry } from './session/connection-record.ts'

/** The events of a running server. */
export interface ServerEvents {
  /** A client connected. */
  connection: ConnectionRecord
  /** A command line arrived and is not answered yet. */
  command: ReceivedCommand
  /** A line was added to the conversation of a connection: a command, a reply, or content in short. */
  entry: ReceivedEntry
  /** A message was captured. The reply that accepts it is about to be sent. */
  message: CapturedMessage
  /** A connection ended, on either side. */
  close: ConnectionRecord
}

/** A command line and its connection. */
export interface ReceivedCommand {
  /** The connection that it came on. */
  readonly connection: ConnectionRecord
  /** The verb, in upper case. */
  readonly command: string
  /** The whole line, without the line end. */
  readonly line: string
}

/** A line of a conversation and its connection. */
export interface ReceivedEntry {
  /** The connection that it belongs to. */
  readonly connection: ConnectionRecord
  /** The line. */
  readonly entry: ConversationEntry
}

type Listener<Value> = (value: Value) => void

/** The listeners of one server. One that throws causes a process warning and never changes a reply. */
export class Listeners<Events extends object = ServerEvents> {
  readonly #listeners: { [Name in keyof Events]?: Set<Listener<Events[Name]>> } = {}

  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of this.#listeners[name] ?? []) {
      try {
        listener(value)
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error))
      }
    }
  }

  /** Adds a listener and returns a function that removes it. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = (this.#listeners[name] ??= new Set())
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
}
