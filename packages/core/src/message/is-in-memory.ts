import type { Message } from './message.ts'

/** Whether the whole message is in memory, so that its size can be known before it is sent. */
export function isInMemory(message: Message): boolean {
  return message.raw
    ? message.raw.bytes !== undefined
    : message.attachments.every((attachment) => attachment.bytes !== undefined)
}
