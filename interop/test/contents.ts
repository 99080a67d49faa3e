import { randomBytes } from 'node:crypto'
import type { MessageInput } from '@loudmail/core'

const MiB = 1024 * 1024

/** What a message may hold that a server, or the way to it, could harm. */
export const contents: readonly [string, () => Partial<MessageInput>][] = [
  ['dots, blank lines and spaces at line ends', () => ({ text: '.\n..\n.a\n\n\nb. \t\n\n.\n \n' })],
  ['8-bit text', () => ({ subject: 'Grüße, 日本語, 🙂', text: 'Größe: 10 µm\n日本語 🙂\nß\n'.repeat(40) })],
  [
    'text, html, an inline image and a file with a name that is not ASCII',
    () => ({
      text: 'Größe\n',
      html: '<p>Größe <img src="cid:dot"></p>\n',
      attachments: [
        { filename: 'dot.png', contentId: 'dot', content: randomBytes(5000) },
        { filename: 'Übersicht 日本.txt', content: Buffer.from('.\r\n.\n\r..\n') },
      ],
    }),
  ],
  ['long lines', () => ({ text: `${'x'.repeat(998)}\n${'ü'.repeat(499)}\n${'y'.repeat(5000)}\n` })],
  ['no text', () => ({ text: '' })],
  [
    'header fields that are folded',
    () => ({ subject: 'word '.repeat(100).trim(), headers: { 'X-Long': 'ä '.repeat(200) } }),
  ],
  [
    'a 10 MiB attachment',
    () => ({
      text: 'See the file.\n',
      attachments: [{ filename: 'big.bin', content: randomBytes(10 * MiB) }],
    }),
  ],
  [
    'a 10 MiB attachment read from a stream',
    () => {
      const pieces = Array.from({ length: 10 }, () => randomBytes(MiB))
      return {
        text: 'See the file.\n',
        attachments: [{ filename: 'big.bin', content: () => stream(pieces) }],
      }
    },
  ],
]

async function* stream(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces
}

/** Too large for any of the servers; as a stream, its size is known to nobody before it was read. */
export const tooBig = {
  known: (): Partial<MessageInput> => ({
    attachments: [{ filename: 'big.bin', content: Buffer.alloc(16 * MiB) }],
  }),
  streamed: (): Partial<MessageInput> => ({
    attachments: [
      { filename: 'big.bin', content: () => stream(Array.from({ length: 16 }, () => Buffer.alloc(MiB))) },
    ],
  }),
}
