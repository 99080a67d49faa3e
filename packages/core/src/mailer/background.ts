import type { SendOptions } from './mailer-options.ts'
import { ignoreRejection } from '../message/ignore-rejection.ts'
import type { MessageInput } from '../message/message-input.ts'

/**
 * Runs a send after the current turn, with the fields and options as they are now: the caller may change or reuse its
 * objects. What the fields contain is read when the send begins.
 */
export function inBackground(
  input: MessageInput,
  options: SendOptions,
  send: (input: MessageInput, options: SendOptions) => void,
): void {
  const own = copyOf(input, withOwnTemplate)
  ignoreRejection(own)
  const ownOptions = copyOf(options, (copy) => ({ ...copy, context: copyOf(copy.context) }))
  setImmediate(send, own, ownOptions)
}

/** Content that is there already is a part of the message. */
function withOwnTemplate(message: MessageInput): MessageInput {
  return message.template === undefined ? message : { ...message, template: copyOf(message.template) }
}

/**
 * An object of a class is not copied, because its fields may be computed. What cannot be copied is kept: reading it fails
 * again when the send begins, which then says why.
 */
function copyOf<T>(value: T, more = (copy: T): T => copy): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  try {
    const prototype: unknown = Object.getPrototypeOf(value)
    return prototype === Object.prototype || prototype === null ? more({ ...value }) : value
  } catch {
    return value
  }
}
