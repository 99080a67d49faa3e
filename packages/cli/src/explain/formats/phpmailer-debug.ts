import type { Format, Line } from './line.ts'

const LINE = /(CLIENT -> SERVER|SERVER -> CLIENT): ?(.*)$/
const NOTE = /(SMTP (?:Error|NOTICE|ERROR).*|Connection: .*)$/

/** What PHPMailer writes with `SMTPDebug` 2 or more, with or without its HTML. */
export const phpmailerDebug: Format = {
  name: 'the debug output of PHPMailer',
  matches: (text) => LINE.test(text.split('\n').find((line) => LINE.test(line)) ?? ''),
  read: (text) => {
    let from: Line['from'] = 'event'
    return plain(text).flatMap((line): Line[] => {
      const [, mark, said = ''] = LINE.exec(line) ?? []
      if (mark !== undefined) {
        from = mark.startsWith('CLIENT') ? 'client' : 'server'
        return [{ from, text: said, connection: '' }]
      }
      // The other lines of a reply are indented.
      const more = /^\s+([2-5]\d\d[ -].*)$/.exec(line)?.[1]
      if (from === 'server' && more !== undefined) return [{ from, text: more, connection: '' }]
      const note = NOTE.exec(line)?.[1]
      return note === undefined ? [] : [{ from: 'event', text: note, connection: '' }]
    })
  },
}

function plain(text: string): string[] {
  return text
    .replaceAll(/<br ?\/?>/gi, '\n')
    .split('\n')
    .map((line) =>
      line
        .trimEnd()
        .replaceAll('&gt;', '>')
        .replaceAll('&lt;', '<')
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&'),
    )
}
