import type { Format, Line } from './line.ts'
import { readPythonText } from './python-text.ts'

/** The second level of debugging begins each line with the time. */
const SEND = /^(?:\d\d:\d\d:\d\d\.\d+ )?send: (b?['"].*)$/
const REPLY = /^(?:\d\d:\d\d:\d\d\.\d+ )?reply: (b?['"].*)$/
const CONNECT = /^(?:\d\d:\d\d:\d\d\.\d+ )?connect: to (.*)$/
/** The last line of a traceback: `smtplib.SMTPServerDisconnected: Connection unexpectedly closed`. */
const EXCEPTION = /^(?:[\w.]+\.)?(?:SMTP\w+|\w*Error|timeout|gaierror|herror|SSL\w+)(?:: .*)?$/

/** What smtplib of Python writes after `set_debuglevel(1)` or `set_debuglevel(2)`, and the traceback after it. */
export const smtplibDebug: Format = {
  name: 'the debug output of smtplib (Python)',
  matches: (text) => text.split('\n').some((line) => SEND.test(line) || REPLY.test(line)),
  read(text) {
    const lines: Line[] = []
    let connections = 0
    const add = (from: Line['from'], said: string): void =>
      void lines.push({ from, text: said, connection: String(connections) })
    let isContent = false
    for (const line of text.split('\n').map((each) => each.trimEnd())) {
      const sent = SEND.exec(line)?.[1]
      const answered = REPLY.exec(line)?.[1]
      const address = CONNECT.exec(line)?.[1]
      if (address !== undefined) {
        connections++
        add('event', connectedTo(address))
      } else if (sent !== undefined) {
        const said = readPythonText(sent)
        if (isContent) for (const each of content(said)) add('client', each)
        else add('client', said.replace(/\r?\n$/, ''))
        isContent = false
      } else if (answered !== undefined) {
        const said = readPythonText(answered).replace(/\r?\n$/, '')
        // After a lost connection it shows an empty reply.
        if (said !== '') add('server', said)
        isContent = /^354(?: |$)/.test(said)
      } else if (EXCEPTION.test(line)) add('event', line)
    }
    return lines
  },
}

function content(said: string): string[] {
  const isWhole = said.endsWith('\r\n.\r\n') || said === '.\r\n'
  const octets = Buffer.byteLength(isWhole ? said.slice(0, -3) : said, 'latin1')
  return isWhole ? [`<${octets} octets>`, '.'] : [`<${octets} octets>`]
}

/** `('127.0.0.1', 2525) None` */
function connectedTo(address: string): string {
  const [, host = '', port = ''] = /^\((['"].*?['"]), (\d+)\)/.exec(address) ?? []
  return `connecting to ${readPythonText(host)}:${port}`
}
