import { randomBytes } from 'node:crypto'

const ID = /^\d{8}-\d{9}-\d{6}-[0-9a-f]{8}$/

let last = 0
let count = 0

/** Names a mail: by its time, then by a count within the process, then by chance, since several processes may name one. */
export function newMailId(): string {
  // A clock that is set back must not put a mail before an earlier one.
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

/** Whether a text is the name of a mail: nothing else may become part of a path. */
export function isMailId(text: string): boolean {
  return ID.test(text)
}
