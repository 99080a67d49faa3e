import type { Line } from './line.ts'

/** Content of which the final dot was not seen yet. */
interface Content {
  octets: number
  isShown: boolean
}

/** Content that a log does not show, but that was sent. */
export const HIDDEN_CONTENT = '<content that the log does not show>'

/**
 * Puts `<n octets>` in the place of content: nobody needs it to find a failure, and it is private.
 *
 * @param hidesContent the log never shows content
 */
export function foldContent(lines: readonly Line[], hidesContent = false): Line[] {
  const folded: Line[] = []
  const contents = new Map<string, Content>()
  const asked = new Set<string>()
  for (const line of lines) {
    const { from, text, connection } = line
    const content = contents.get(connection)
    const client = (said: string): void => void folded.push({ ...line, from: 'client', text: said })
    const show = ({ octets }: Content): void => {
      if (octets > 0) client(`<${octets} octets>`)
    }
    if (content && from === 'client') {
      content.isShown = true
      const isFolded = /^<\d+ octets>$/.test(text)
      if (!isFolded && text !== '.') {
        content.octets += Buffer.byteLength(text) + 2
        continue
      }
      show(content)
      contents.delete(connection)
    } else if (content) {
      show(content)
      content.octets = 0
      if (from === 'server') {
        contents.delete(connection)
        // The reply shows that the content went out.
        if (!content.isShown) for (const hidden of [HIDDEN_CONTENT, '.']) client(hidden)
      }
    }
    folded.push(line)
    if (from === 'client' && /^DATA$/i.test(text)) asked.add(connection)
    if (from !== 'server' || !/^354(?: |$)/.test(text) || !asked.delete(connection)) continue
    if (hidesContent) for (const hidden of [HIDDEN_CONTENT, '.']) client(hidden)
    else contents.set(connection, { octets: 0, isShown: false })
  }
  for (const [connection, { octets }] of contents)
    if (octets > 0) folded.push({ from: 'client', text: `<${octets} octets>`, connection })
  return folded
}
