import { MailError, type Message } from '@loudmail/core'
import { digester, type Digest } from './dkim-canonical.ts'
import type { DkimSigner } from './dkim-signer.ts'

/** A message with its signatures in front. */
export function signedBytes(bytes: Buffer, signers: readonly DkimSigner[]): Buffer {
  const reader = digester()
  reader.update(bytes)
  return Buffer.concat([signatures(reader.digest(), signers), bytes])
}

/**
 * A streamed message with its signatures in front. It is read once for signing and once for sending. From the first bare
 * stream on, which can be read only once, it is held in memory. If the content changes in between, the stream rejects
 * with `compose/attachment` before the end is sent.
 */
export async function* signedChunks(
  open: () => AsyncIterable<Buffer>,
  signers: readonly DkimSigner[],
  message: Message,
): AsyncGenerator<Buffer> {
  const held: Buffer[] = []
  let toReadAgain = 0
  const first = digester()
  for await (const chunk of open()) {
    first.update(chunk)
    if (message.replayable) toReadAgain++
    else held.push(chunk)
  }
  const digest = first.digest()
  yield signatures(digest, signers)
  const second = digester()
  for await (const chunk of inTurn(open, toReadAgain, held)) {
    second.update(chunk)
    yield chunk
  }
  if (second.digest().bodyHash !== digest.bodyHash) throw changed(message)
}

/** Reads the first chunks again, without opening what comes after them, and then returns what is held. */
async function* inTurn(
  open: () => AsyncIterable<Buffer>,
  toReadAgain: number,
  held: readonly Buffer[],
): AsyncGenerator<Buffer> {
  if (toReadAgain > 0)
    for await (const chunk of open()) {
      yield chunk
      if (--toReadAgain === 0) break
    }
  yield* held
}

function signatures(digest: Digest, signers: readonly DkimSigner[]): Buffer {
  return Buffer.from(signers.map((signer) => signer.sign(digest)).join(''), 'latin1')
}

function changed(message: Message): MailError {
  return new MailError({
    stage: 'compose',
    kind: 'attachment',
    summary: 'an attachment changed between signing and sending',
    messageId: message.messageId,
  })
}
