const LINK = /\b(?:https?:\/\/|mailto:)[^\s<>"`]+/gi
const STRAY = /[.,;:!?'*’”»…]/

/** The http, https and mailto links of a plain text, without the punctuation of the sentence around them. */
export function findLinks(text: string): string[] {
  return Array.from(text.matchAll(LINK), ([link]) => trimmed(link)).filter((link) =>
    /^(?:https?:\/\/|mailto:)[^/]/i.test(link),
  )
}

function trimmed(link: string): string {
  // Closing brackets stay if they were opened in the link.
  const unopened: Record<string, number> = {
    ')': count(link, ')') - count(link, '('),
    ']': count(link, ']') - count(link, '['),
    '}': count(link, '}') - count(link, '{'),
  }
  let end = link.length
  while (end > 0) {
    const last = link[end - 1]!
    const isStray = last in unopened ? unopened[last]!-- > 0 : STRAY.test(last)
    if (!isStray) break
    end--
  }
  return link.slice(0, end)
}

function count(text: string, character: string): number {
  return text.split(character).length - 1
}
