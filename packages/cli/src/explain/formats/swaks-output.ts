import type { Format, Line } from './line.ts'

/** ` -> EHLO app` and `<-  250 ok`; `~` in encrypted connections, with a `*` for what was refused. */
const LINE = /^(?:(<-|<~\*?|<\*\*)|( ->| ~>|\*[*~]>)|(===|\*\*\*)) {0,2}(.*)$/

/** What swaks writes. */
export const swaksOutput: Format = {
  name: 'the output of swaks',
  matches: (text) => text.split('\n').some((line) => /^(?:<-|<~\*?|<\*\*| ->| ~>|\*[*~]>) /.test(line)),
  read: (text) =>
    text.split('\n').flatMap((line): Line[] => {
      const [, server, client, , said] = LINE.exec(line.trimEnd()) ?? []
      if (said === undefined) return []
      return [{ from: server ? 'server' : client ? 'client' : 'event', text: said, connection: '' }]
    }),
}
