import type { CapturedMessage } from './captured-message.ts'

/** A bounded list of messages. When it is full, the oldest are dropped. */
export class MessageStore {
  readonly messages: CapturedMessage[] = []
  readonly #maxMessages: number
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxMessages = Infinity, maxBytes = Infinity) {
    this.#maxMessages = maxMessages
    this.#maxBytes = maxBytes
  }

  add(message: CapturedMessage): void {
    this.messages.push(message)
    this.#bytes += message.content.length
    while (this.messages.length > this.#maxMessages || this.#bytes > this.#maxBytes) {
      const oldest = this.messages.shift()
      this.#bytes -= oldest?.content.length ?? 0
    }
  }

  clear(): void {
    this.messages.length = 0
    this.#bytes = 0
  }
}
