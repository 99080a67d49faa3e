import type { Format, Line } from './line.ts'
import { jsonLines } from './json-lines.ts'

/** What nodemailer writes through a logger that makes JSON, such as bunyan or pino: one object a line. */
export const nodemailerJson: Format = {
  name: 'the debug log of nodemailer, as JSON',
  matches: (text) => jsonLines(text).some(({ tnx }) => tnx === 'client' || tnx === 'server'),
  read: (text) =>
    jsonLines(text).flatMap((entry) => {
      const { tnx, sid, msg, message, err } = entry
      const said = typeof msg === 'string' ? msg : typeof message === 'string' ? message : ''
      const connection = typeof sid === 'string' ? sid : ''
      const from = tnx === 'server' ? 'server' : tnx === 'client' || tnx === 'message' ? 'client' : 'event'
      const { code } = (err ?? {}) as { code?: unknown }
      const words = from === 'event' && typeof code === 'string' ? `${said} (${code})` : said
      return words.split(/\r?\n/).map((line): Line => ({ from, text: line, connection }))
    }),
}
