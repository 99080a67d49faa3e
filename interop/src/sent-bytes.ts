import type { Message } from '@loudmail/core'
import { compose } from '@loudmail/mime'

/** Header fields that a server adds before a message that it delivers. */
const ADDED = /^(?:Return-Path|X-Original-To|Delivered-To|Envelope-to|Delivery-date|Received):/i

/** A message as it should arrive: what the composer makes. */
export async function sentBytes(message: Message): Promise<Buffer> {
  const composed = compose(message, { eightBitMime: true })
  if (composed.bytes) return composed.bytes
  const chunks: Buffer[] = []
  for await (const chunk of composed.chunks) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A message from a maildir, without the fields that the server added and with CRLF line ends. */
export function withoutTrace(stored: Buffer): Buffer {
  let text = stored.toString('latin1')
  while (ADDED.test(text)) text = text.slice(endOfField(text))
  return Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')
}

function endOfField(text: string): number {
  return /\n(?![ \t])/.exec(text)!.index + 1
}

/** Each composition has new boundaries. This puts the boundaries of one into another. */
export function withBoundariesOf(arrived: Buffer, sent: Buffer): Buffer {
  let text = sent.toString('latin1')
  const theirs = boundaries(arrived.toString('latin1'))
  for (const [index, own] of boundaries(text).entries()) text = text.replaceAll(own, theirs[index] ?? own)
  return Buffer.from(text, 'latin1')
}

function boundaries(text: string): string[] {
  return [...text.matchAll(/boundary="?([^";\s]+)/g)].map(([, boundary]) => boundary!)
}
