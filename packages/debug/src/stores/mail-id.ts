import { randomBytes } from 'node:crypto'

const ID = /^\d{8}-\d{9}-\d{6}-[0-9a-f]{8}$/

let last = 0
let count = 0

/** A new name for a mail: its time, a count within the process, and random digits, because several processes may write. */
export function newMailId(): string {
  // Mails must stay in order even if the clock is set back.
  last = Math.max(last, Date.now())
  count = (count + 1) % 1_000_000
  const [date, time] = new Date(last).toISOString().split('T') as [string, string]
  return [
    date.replaceAll('-', ''),
    time.replaceAll(/[:.Z]/g, ''),
    String(count).padStart(6, '0'),
    randomBytes(4).toString('hex'),
  ].join('-')
}

/** Whether a text is the name of a mail. Nothing else may become part of a path. */
export function isMailId(text: string): boolean {
  return ID.test(text)
}
