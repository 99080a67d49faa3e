/** The message that every mailer sends in a run. */
export interface Work {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string | undefined
  /** An attachment in memory. */
  readonly bytes?: Buffer | undefined
  /** The path of an attachment. */
  readonly file?: string | undefined
}

export type WorkName = '1 KiB' | '20 KiB' | '1 MiB' | '25 MiB'

export const FILE_NAME = 'data.bin'
export const FILE_SIZE = 25 * 1_048_576

const SENTENCE = 'Your parcel with 3 items has left the warehouse, and will be with you on Tuesday.\n'
const HTML_ROW =
  '<tr><td style="padding: 8px"><a href="https://example.com/i?id=1">An item</a></td><td>9.95</td></tr>\n'

/** @param file where the large attachment is */
export function workOf(name: WorkName, file: string): Work {
  const base = { from: 'shop@example.com', to: 'ann@example.org', subject: 'Your parcel is on its way' }
  switch (name) {
    case '1 KiB':
      return { ...base, text: filled(SENTENCE, 1024) }
    case '20 KiB':
      return { ...base, text: filled(SENTENCE, 8192), html: filled(HTML_ROW, 12_288) }
    case '1 MiB':
      return { ...base, text: 'Here it is.', bytes: binary(1_048_576) }
    default:
      return { ...base, text: 'Here it is.', file }
  }
}

/** Bytes of every value, the same in each run. */
export function binary(size: number): Buffer {
  return Buffer.alloc(
    size,
    Uint8Array.from({ length: 251 }, (_, index) => (index * 97) % 256),
  )
}

function filled(sentence: string, octets: number): string {
  return sentence.repeat(Math.ceil(octets / sentence.length)).slice(0, octets)
}
