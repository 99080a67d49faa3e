import { readParameters, type DecodeWords, type FieldValue } from './parameters.ts'

/** A part of a message that has no parts of its own, or a message in the message. Positions are octets of the whole. */
export interface FoundPart {
  /** Its Content-Type. */
  readonly type: FieldValue
  /** Its Content-Disposition. */
  readonly disposition: FieldValue
  /** In lower case; empty if there is none. */
  readonly encoding: string
  /** With its angle brackets, as it stands there. */
  readonly contentId: string | undefined
  /** In how many messages this part is, without the outermost. */
  readonly depth: number
  /** Where its content begins, behind its header section. */
  readonly start: number
  /** Where its content ends, in front of the line end that belongs to the boundary. */
  end: number
}

interface Open {
  readonly boundary: string | undefined
  readonly part: FoundPart
  readonly kind: 'multipart' | 'digest' | 'message' | 'leaf'
  readonly depth: number
  /** Parts that end without a single boundary are one part, so that nothing is lost. */
  hasParts: boolean
}

const LF = 0x0a
/** Longer lines are no boundaries (RFC 2046 section 5.1.1 allows 70 characters). */
const BOUNDARY_MAX = 998
/** No real message has as many, and mail programs take quadratic time for them. */
const PARTS_MAX = 10_000

/**
 * Finds the parts of a message in one pass, in their order (RFC 2046). Messages in messages are read `messagesMax` levels
 * deep; they are parts, too.
 *
 * @throws Error if there are more than 10,000
 */
export function findParts(content: Buffer, messagesMax: number, decodeWords: DecodeWords): FoundPart[] {
  const parts: FoundPart[] = []
  const open: Open[] = []
  /** Where in `open` the parts of a boundary are collected, the innermost last. */
  const places = new Map<string, number[]>()

  /** Ends all that is open inside of a place. */
  const endAll = (place: number, end: number): void => {
    while (open.length > place) {
      const { part, boundary, hasParts } = open.pop()!
      part.end = Math.max(part.start, end)
      if (boundary === undefined) continue
      places.get(boundary)?.pop()
      if (!hasParts && !isBlank(content, part)) parts.push(part)
    }
  }
  /** Whether a line ends what is open; undefined if it is no boundary. */
  const boundaryAt = (start: number, end: number): 'next' | 'last' | undefined => {
    if (places.size === 0 || content[start] !== 0x2d || content[start + 1] !== 0x2d) return undefined
    if (end - start > BOUNDARY_MAX) return undefined
    const name = content.toString('latin1', start + 2, end).trimEnd()
    const isNext = (places.get(name)?.length ?? 0) > 0
    const place = places.get(isNext ? name : name.endsWith('--') ? name.slice(0, -2).trimEnd() : '')?.at(-1)
    if (place === undefined) return undefined
    endAll(place + 1, beforeLineEnd(content, start))
    open[place]!.hasParts = true
    return isNext ? 'next' : 'last'
  }

  let count = 0
  let position = 0
  /** What comes next: the header of a part, or text up to the next boundary. */
  let isHeader = true
  let headerStart = 0
  const beginHeader = (start: number): void => {
    isHeader = true
    headerStart = start
  }
  while (position < content.length) {
    if (!isHeader) {
      // Only a line that begins with two dashes can end it.
      const atStart = position === 0 || content[position - 1] === LF
      const dashes = atStart && content[position] === 0x2d ? position : content.indexOf('\n--', position) + 1
      if (dashes === 0 || places.size === 0) break
      position = dashes
    }
    const found = content.indexOf(LF, position)
    const next = found < 0 ? content.length : found + 1
    const end = found < 0 ? next : beforeLineEnd(content, next)
    const ended = boundaryAt(position, end)
    if (ended === 'next') {
      if (++count > PARTS_MAX) throw new Error(`Maximum number of parts (${PARTS_MAX}) exceeded`)
      beginHeader(next)
    } else if (ended === 'last') isHeader = false
    else if (isHeader && (end === position || next === content.length)) {
      const header = content.subarray(headerStart, end)
      const parent = open.at(-1)
      const opened = openPart(header, next, parent, messagesMax, decodeWords)
      if (opened.boundary === undefined) parts.push(opened.part)
      open.push(opened)
      if (opened.boundary !== undefined) {
        const list = places.get(opened.boundary)
        if (list) list.push(open.length - 1)
        else places.set(opened.boundary, [open.length - 1])
      }
      isHeader = false
      if (opened.kind === 'message' && opened.depth < messagesMax && isPlain(opened.part)) beginHeader(next)
    }
    position = next
  }
  endAll(0, content.length)
  return parts
}

function openPart(
  header: Buffer,
  start: number,
  parent: Open | undefined,
  messagesMax: number,
  decodeWords: DecodeWords,
): Open {
  const fields = readFields(header)
  const byDefault = parent?.kind === 'digest' ? 'message/rfc822' : 'text/plain'
  const type = readParameters(fields.get('content-type') ?? byDefault, decodeWords)
  const boundary = type.parameters.get('boundary')?.trimEnd()
  const depth = (parent?.depth ?? 0) + (parent?.kind === 'message' ? 1 : 0)
  const disposition = readParameters(fields.get('content-disposition') ?? '', decodeWords)
  const [encoding = ''] =
    /[\w-]+/.exec(readParameters(fields.get('content-transfer-encoding') ?? '', decodeWords).value) ?? []
  const contentId = fields.get('content-id')?.trim()
  const part: FoundPart = { type, disposition, encoding, contentId, depth, start, end: start }
  if (type.value.startsWith('multipart/') && boundary)
    return {
      kind: type.value === 'multipart/digest' ? 'digest' : 'multipart',
      boundary: Buffer.from(boundary).toString('latin1'),
      part,
      depth,
      hasParts: false,
    }
  return { kind: isMessage(part) ? 'message' : 'leaf', boundary: undefined, part, depth, hasParts: false }
}

/** Whether a part is a message that mail programs show with the text around it. */
export function isMessage({ type, disposition }: FoundPart): boolean {
  return type.value === 'message/rfc822' && (disposition.value === '' || disposition.value === 'inline')
}

/** Whether its octets stand in the message as they are. */
function isPlain({ encoding }: FoundPart): boolean {
  return encoding !== 'base64' && encoding !== 'quoted-printable'
}

function isBlank(content: Buffer, { start, end }: FoundPart): boolean {
  for (let index = start; index < end; index++) if (content[index]! > 0x20) return false
  return true
}

function beforeLineEnd(content: Buffer, next: number): number {
  const end = next > 0 && content[next - 1] === LF ? next - 1 : next
  return end > 0 && end < next && content[end - 1] === 0x0d ? end - 1 : end
}

/** The first field of each name that says how to read a part, unfolded. */
function readFields(header: Buffer): Map<string, string> {
  const fields = new Map<string, string>()
  // Most fields do not matter here.
  const pattern = /^(content-[\w-]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)/gim
  for (const [, name, value] of decodeHeader(header).matchAll(pattern)) {
    const key = name!.toLowerCase()
    if (!fields.has(key)) fields.set(key, value!.replaceAll(/[\r\n]+/g, ''))
  }
  return fields
}

function decodeHeader(header: Buffer): string {
  const text = header.toString()
  return text.includes('\uFFFD') ? header.toString('latin1') : text
}
