import { checkNumber, checkOptions, type Envelope, type MailError, type Transcript } from '@loudmail/core'

/** One send as a store keeps it: captured, sent for real, or failed. */
export interface StoredMail {
  /** Counts from 1. */
  readonly id: number
  readonly at: Date
  readonly messageId?: string | undefined
  readonly envelope: Envelope
  /** The RFC 5322 message as it went over the wire; undefined where it never left or was not captured here. */
  readonly content?: Uint8Array | undefined
  readonly transcript?: Transcript | undefined
  /** Why it failed. */
  readonly error?: MailError | undefined
}

/** Where recorded sends are kept. */
export interface MailStore {
  /** The oldest first. */
  readonly mails: readonly StoredMail[]
  add(mail: Omit<StoredMail, 'id' | 'at'>): StoredMail
  clear(): void
}

/**
 * A store in memory, bounded by count and by octets of content; the oldest go first.
 *
 * @param options.limit messages kept, by default 1,000
 * @param options.maxBytes octets of content kept, by default 256 MiB
 */
export function memoryStore(options: { limit?: number; maxBytes?: number } = {}): MailStore {
  checkOptions(options, 'memoryStore()', ['limit', 'maxBytes'])
  checkNumber(options.limit, 'memoryStore() limit', 1, true)
  checkNumber(options.maxBytes, 'memoryStore() maxBytes', 1, true)
  const { limit = 1_000, maxBytes = 256 * 1024 * 1024 } = options
  const mails: StoredMail[] = []
  let ids = 0
  let bytes = 0
  const drop = (): void => void (bytes -= mails.shift()?.content?.byteLength ?? 0)
  return {
    mails,
    add(mail) {
      const stored = { id: ++ids, at: new Date(), ...mail }
      mails.push(stored)
      bytes += mail.content?.byteLength ?? 0
      while (mails.length > limit || (bytes > maxBytes && mails.length > 1)) drop()
      return stored
    },
    clear() {
      mails.length = 0
      bytes = 0
    },
  }
}
