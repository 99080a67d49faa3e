import { Parser } from 'htmlparser2'

/** The text of the `<title>` in the head, on one line; undefined if there is none. */
export function titleOf(html: string): string | undefined {
  let title: string | undefined
  let isOpen = false
  const parser = new Parser(
    {
      onopentagname(name) {
        if (name === 'title' && title === undefined) {
          isOpen = true
          title = ''
        }
      },
      ontext(text) {
        if (isOpen) title += text
      },
      onclosetag(name) {
        if (name === 'title') isOpen = false
        if (name === 'head') parser.pause()
      },
    },
    { decodeEntities: true },
  )
  parser.end(html)
  const line = title?.replaceAll(/\s+/g, ' ').trim()
  return line === '' ? undefined : line
}
