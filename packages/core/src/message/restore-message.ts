import { always } from './content-source.ts'
import type { ComposedMessage, Envelope, Message, RawMessage } from './message.ts'
import { ParsedMessage } from './parsed-message.ts'

/** The fields of a message without what follows from them. */
type Fields<M extends Message> = Omit<M, 'forRecipients' | 'envelope' | 'replayable'>

/**
 * A message from its fields, as an earlier one had them: nothing is checked again. Its content must be such that it can be
 * read again.
 */
export function restoreMessage(
  fields: Fields<ComposedMessage> | Fields<RawMessage>,
  envelope: Envelope,
): Message {
  return new ParsedMessage(fields, always, envelope) as unknown as Message
}
