import type { Format, Line } from './line.ts'

const LINE = /^([<>*]|curl:) (.*)$/

/** What `curl -v smtp://…` writes. It does not show the content. */
export const curlVerbose: Format = {
  name: 'the output of curl -v',
  matches: (text) => /^< [2-5]\d\d[ -]/m.test(text) && /^[>*] /m.test(text),
  hidesContent: true,
  read: (text) =>
    text.split('\n').flatMap((line): Line[] => {
      // On a terminal, curl writes its progress over the beginning of a line.
      const [, mark, said = ''] = LINE.exec(line.trimEnd().replace(/^.*\r(?=[<>*] )/, '')) ?? []
      if (mark === undefined) return []
      return [
        { from: mark === '<' ? 'server' : mark === '>' ? 'client' : 'event', text: said, connection: '' },
      ]
    }),
}
