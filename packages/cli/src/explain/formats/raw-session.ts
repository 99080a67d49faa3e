import type { Format, Line } from './line.ts'

const REPLY = /^[2-5]\d\d(?:[ -].*)?$/
const COMMAND =
  /^(?:EHLO|HELO|LHLO|STARTTLS|AUTH|MAIL FROM|RCPT TO|DATA|BDAT|RSET|QUIT|NOOP|VRFY|EXPN|HELP)\b/i
/** What other services say first. */
const OTHER_SERVICE = /^(?:SSH-\d|HTTP\/\d|\* OK\b|\+OK\b|RFB \d|[23]\d\d .*\bFTP\b)/
/** Lines of telnet and openssl. */
const EVENT =
  /^(?:Trying |Connected to |Escape character|Connection closed|Connection to |telnet:|nc:|read:|write:|closed$|DONE$|CONNECTED\(|depth=|verify (?:error|return)|Verif|SSL-Session|New, TLS|.*:error:|Ncat:)/i

/** What a person types into telnet, nc or `openssl s_client`, and what the server answers; also with `C:` and `S:` before it. */
export const rawSession: Format = {
  name: 'a session as in telnet or openssl s_client',
  matches: (text) => linesOf(text).some((line) => line.from === 'client' && COMMAND.test(line.text)),
  read: linesOf,
}

function linesOf(text: string): Line[] {
  const lines: Line[] = []
  let inContent = false
  let awaitsSecret = false
  for (const whole of text.split('\n').map((each) => each.trimEnd())) {
    const [, mark, said = ''] = /^\s*(?:(C:|S:|Client:|Server:|>>>|<<<|>|<) )?(.*)$/.exec(whole) ?? []
    const add = (from: Line['from']): void => void lines.push({ from, text: said, connection: '' })
    const isServer = mark === undefined ? REPLY.test(said) : /^(?:S|<)/.test(mark)
    if (inContent && !isServer) {
      add('client')
      inContent = said !== '.'
    } else if (isServer || (OTHER_SERVICE.test(said) && mark === undefined)) {
      add('server')
      inContent = /^354(?: |$)/.test(said)
      awaitsSecret = said.startsWith('334')
    } else if (mark !== undefined || COMMAND.test(said)) {
      add('client')
      awaitsSecret = false
    } else if (EVENT.test(said)) add('event')
    else if (awaitsSecret && said !== '') {
      add('client')
      awaitsSecret = false
    }
  }
  return lines
}
