import { isAscii } from './encoding/charset.ts'
import type { RawMessage, Reading } from '@loudmail/core/transport'
import { readContent } from './part/attachment-stream.ts'
import type { Draft } from './draft.ts'
import { lineEndings, withCrlfBytes } from './encoding/line-endings.ts'
import { cut } from './part/pieces.ts'

const END_OF_HEADER = '\r\n\r\n'

/** A message that was built elsewhere. It stays as it is, except that bare CR and bare LF become CRLF. */
export function rawDraft(message: RawMessage): Draft {
  const { smtputf8 } = message.envelope
  if (!message.raw.bytes)
    return { pieces: [{ chunks: (reading) => rawChunks(message, reading) }], eightBit: true, smtputf8 }
  const bytes = withCrlfBytes(message.raw.bytes)
  const isAsciiHeader = isAscii(bytes.subarray(0, bytes.indexOf(END_OF_HEADER) + 1 || bytes.length))
  return { pieces: [bytes], eightBit: !isAscii(bytes), smtputf8: smtputf8 || !isAsciiHeader }
}

async function* rawChunks(message: RawMessage, reading: Reading): AsyncGenerator<Buffer> {
  const endings = lineEndings()
  for await (const chunk of readContent(message.raw, 'the raw message', message, reading))
    yield* cut(endings.push(chunk))
  yield* cut(endings.end())
}
