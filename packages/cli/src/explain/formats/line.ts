/** One line of a conversation, whatever wrote the log. */
export interface Line {
  /** `event`: something that happened to the connection, or that the program said about it. */
  readonly from: 'client' | 'server' | 'event'
  /** Without its line end. Content is `<n octets>`. */
  readonly text: string
  /** Milliseconds since the connection was started, if the log tells. */
  readonly atMs?: number | undefined
  /** Tells the connections of a log apart. */
  readonly connection: string
}

/** Reads the log of one program. */
export interface Format {
  /** What the log is, in words: `the debug output of smtplib (Python)`. */
  readonly name: string
  /** Whether a text is such a log. */
  readonly matches: (text: string) => boolean
  /** The log never shows the content of messages. */
  readonly hidesContent?: true
  /** The lines of the conversation. Lines that say nothing about it are left out. */
  readonly read: (text: string) => Line[]
}
