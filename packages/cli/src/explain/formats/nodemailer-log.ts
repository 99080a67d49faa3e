import type { Format, Line } from './line.ts'

/** `[2026-11-27 06:25:05] DEBUG [HUiTTnxGrRw] S: 220 ready`, perhaps after a prefix of another logger. */
const LINE = /\[\d{4}-\d\d-\d\d[^\]]*\] (DEBUG|INFO|WARN|ERROR|TRACE|FATAL)\s+(?:\[(\S+)\] ?)?(.*)$/
const REPLY = /^S: [2-5]\d\d(?:[ -]|$)/

interface Entry {
  readonly level: string
  readonly connection: string
  readonly text: string
}

/** What nodemailer writes with `debug: true, logger: true`. Content has no mark, and only its final dot ends it. */
export const nodemailerLog: Format = {
  name: 'the debug log of nodemailer',
  matches: (text) => text.split('\n').some((line) => /^[SC]: /.test(LINE.exec(line)?.[3] ?? '')),
  read(text) {
    const entries = text.split('\n').flatMap((line): Entry[] => {
      const [, level, connection = '', said] = LINE.exec(line) ?? []
      return level === undefined ? [] : [{ level, connection, text: said ?? '' }]
    })
    const inContent = new Map<string, boolean>()
    return entries.map((entry, index): Line => {
      const { level, connection, text: said } = entry
      const isContent =
        inContent.get(connection) === true &&
        level === 'DEBUG' &&
        !(REPLY.test(said) && !endsLater(entries, index, connection))
      if (isContent) {
        if (said === '.') inContent.set(connection, false)
        return { from: 'client', text: said, connection }
      }
      if (/^S: 354(?: |$)/.test(said)) inContent.set(connection, true)
      else if (said.startsWith('S: ')) inContent.set(connection, false)
      const mark = said.slice(0, 3)
      if (mark === 'C: ') return { from: 'client', text: said.slice(3), connection }
      if (mark === 'S: ') return { from: 'server', text: said.slice(3), connection }
      return { from: 'event', text: said, connection }
    })
  },
}

/** A line of the content can look like a reply. It is content if the final dot comes after it. */
function endsLater(entries: readonly Entry[], from: number, connection: string): boolean {
  for (const entry of entries.slice(from)) {
    if (entry.connection !== connection || entry.level !== 'DEBUG') continue
    if (entry.text === '.') return true
    if (entry.text.startsWith('C: ')) return false
  }
  return false
}
