/**
 * One line of a recorded conversation. Secrets are already redacted, and message content is shown as `<n octets>`.
 */
export interface TranscriptEntry {
  /** Who sent it. `event` is something that happened to the connection (connected, TLS established, closed). */
  readonly from: 'client' | 'server' | 'event'
  /** Without its line end. */
  readonly text: string
  /** Milliseconds since the connection was started. */
  readonly atMs: number
  /** Names the connection, unique within the process. */
  readonly connection: string
  /** Position within the whole conversation of the connection, from 0. It orders the entries of several messages. */
  readonly sequence: number
}

/** The recorded conversation of one send, over one connection or several. */
export interface Transcript {
  /** What was sent and received, in order. */
  readonly entries: readonly TranscriptEntry[]
}

/** Joins the conversations of several attempts, in this order; undefined if there are none. */
export function joinTranscripts(transcripts: Iterable<Transcript | undefined>): Transcript | undefined {
  const entries: TranscriptEntry[] = []
  for (const transcript of new Set(transcripts)) if (transcript) entries.push(...transcript.entries)
  return entries.length > 0 ? { entries } : undefined
}

const MARKS = { client: 'C:', server: 'S:', event: '--' } as const
const COLOURS = { client: '\u001B[36m', server: '\u001B[33m', event: '\u001B[2m' } as const

/**
 * Formats a conversation line by line, as in `+12ms C: MAIL FROM:<a@example.com>`. Returns an empty string if there is none.
 * Control characters are escaped, so that a server cannot control your terminal.
 */
export function formatTranscript(
  transcript: Transcript | undefined,
  options: { color?: boolean } = {},
): string {
  const entries = transcript?.entries ?? []
  const connections = new Set(entries.map((entry) => entry.connection))
  return entries
    .map((entry) => {
      const where = connections.size > 1 ? ` [${entry.connection}]` : ''
      const time = `+${Math.round(entry.atMs)}ms`.padStart(8)
      const line = `${time}${where} ${MARKS[entry.from]} ${visible(entry.text)}`
      return options.color ? `${COLOURS[entry.from]}${line}\u001B[0m` : line
    })
    .join('\n')
}

/** Escapes C0 and C1 control characters, and the marks that reorder text on a screen: for text that others wrote. */
export function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\0-\x1F\x7F-\x9F\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, (character) => {
    return `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`
  })
}
