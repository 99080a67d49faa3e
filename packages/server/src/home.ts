import type { CapturedMessage } from './message/captured-message.ts'
import type { ServerScript } from './script/script.ts'
import type { Wire } from './session/wire.ts'

/** What a session needs from its server. */
export interface Home {
  readonly script: ServerScript
  readonly keepContent: boolean
  readonly counts: WeakMap<object, number>
  readonly secure: Parameters<Wire['upgrade']>[0]
  nextMessageId(): number
  captured(message: CapturedMessage): void
  commanded(command: string, line: string): void
}
