import type { Place } from './head.ts'

/** How much content the head of a message may contain, in octets. Most messages have all of it there. */
const MOST_OCTETS = 131_072

/** The content in the head of a message, behind its JSON. */
export class SmallContent {
  readonly parts: (string | Uint8Array)[] = []
  /** Of all parts, in octets. */
  size = 0

  /** Whether there is room for so many octets more. */
  hasRoom(octets: number): boolean {
    return octets === 0 || this.size + octets <= MOST_OCTETS
  }

  add(part: string | Uint8Array): Place {
    const from = this.size
    const size = Buffer.byteLength(part)
    this.parts.push(part)
    this.size += size
    return { in: 'head', from, size }
  }
}
