import type { Message, MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'
import type { Seal } from '../src/message/encryption/seal.ts'
import { packMessage } from '../src/message/pack-message.ts'
import { unpackMessage } from '../src/message/unpack-message.ts'

/** Of the entry. */
export const ID = '01995e7a-4c5e-7000-8000-000000000001'

/** A message as a store has it. */
export interface Kept {
  readonly head: Buffer
  readonly body: Buffer
}

export async function pack(message: Message, seal?: Seal): Promise<Kept> {
  const packed = await packMessage(message, ID, { seal })
  const chunks: Buffer[] = []
  for await (const chunk of packed.body?.open() ?? []) chunks.push(Buffer.from(chunk))
  await packed.close()
  return { head: packed.head(), body: Buffer.concat(chunks) }
}

/** @param size of the chunks that the store gives */
export function unpack({ head, body }: Kept, seal?: Seal, size = 10_007): Message {
  const open = async function* (from: number): AsyncGenerator<Uint8Array> {
    // As with a file, the memory of a chunk is used again.
    const chunk = Buffer.alloc(size)
    for (let at = from; at < body.length; at += size)
      yield chunk.subarray(0, body.copy(chunk, 0, at, at + size))
  }
  return unpackMessage(ID, head, open, seal)
}

/** A message that was kept. */
export async function keptMessage(input: MessageInput, seal?: Seal): Promise<Message> {
  return unpack(await pack(toMessage(input), seal), seal)
}

/** The octets that are sent, with the random boundaries by their order. */
export async function octetsOf(message: Message): Promise<string> {
  const { bytes, chunks } = compose(message)
  const all: Buffer[] = bytes ? [bytes] : []
  for await (const chunk of chunks ?? []) all.push(Buffer.from(chunk))
  const names = new Map<string, string>()
  return Buffer.concat(all)
    .toString('latin1')
    .replaceAll(/=_[a-z]_[\da-f-]{36}/g, (boundary) => {
      if (!names.has(boundary)) names.set(boundary, `boundary ${names.size}`)
      return names.get(boundary)!
    })
}
