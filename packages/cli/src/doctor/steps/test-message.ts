import type { Message } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { isAddress, madeUpSender } from '../fixes/sender-of.ts'
import type { Wishes } from '../target.ts'

/** The message that the doctor asks for, and sends if it is told to. */
export interface TestMessage {
  readonly message: Message
  /** Nobody said who sends it, and the user name is not an address. */
  readonly isMadeUp: boolean
}

/** What a line of base64 holds, and what it takes on the wire. */
const LINE = { octets: 57, onWire: 78 }
/** More than the header fields, the text and the frame of the attachment, in octets. */
const OTHER_OCTETS = 2_000

/**
 * A short message that says what it is. With a size, it has an attachment that makes it almost as large.
 *
 * @param host the server, for a sender if there is no better one
 * @throws MailError `compose/invalid-address`
 */
export function testMessage(
  { from, to, sizeOctets }: Pick<Wishes, 'from' | 'to' | 'sizeOctets'>,
  user: string | undefined,
  host: string,
): TestMessage {
  const known = from ?? (user !== undefined && isAddress(user) ? user : undefined)
  const sender = known ?? madeUpSender({ host })
  const padding =
    sizeOctets === undefined ? 0 : Math.floor(((sizeOctets - OTHER_OCTETS) / LINE.onWire) * LINE.octets)
  const message = toMessage({
    from: sender,
    // Without recipients only the sender of the envelope is of use.
    to: to.length > 0 ? to : sender,
    subject: 'Test message from loudmail doctor',
    text: 'This message was sent by `loudmail doctor --send`, to check that mail arrives at this address.\nNobody needs to answer it. You can delete it.\n',
    ...(padding > 0 && {
      attachments: [{ filename: 'padding.bin', content: Buffer.alloc(padding, 'loudmail ') }],
    }),
  })
  return { message, isMadeUp: known === undefined }
}
