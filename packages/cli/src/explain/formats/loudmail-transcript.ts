import type { Format, Line } from './line.ts'

const LINE = /^\s*\+(\d+)ms(?: \[([^\]]+)\])? (C:|S:|--) ?(.*)$/
const SPEAKERS = { 'C:': 'client', 'S:': 'server', '--': 'event' } as const

/** What `formatTranscript()` writes, and `printFailure` of this program. */
export const loudmailTranscript: Format = {
  name: 'a transcript of Loudmail',
  matches: (text) => text.split('\n').some((line) => LINE.test(line)),
  read: (text) =>
    text.split('\n').flatMap((line): Line[] => {
      const [, ms, connection = '', mark, said = ''] = LINE.exec(line) ?? []
      if (mark === undefined) return []
      return [{ from: SPEAKERS[mark as keyof typeof SPEAKERS], text: said, atMs: Number(ms), connection }]
    }),
}
