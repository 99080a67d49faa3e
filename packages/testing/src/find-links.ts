const LINK = /\b(?:https?:\/\/|mailto:)[^\s<>"`]+/gi
const BRACKETS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/** The http, https and mailto links of a plain text, without the punctuation of the sentences they stand in. */
export function findLinks(text: string): string[] {
  return Array.from(text.matchAll(LINK), ([link]) => trimmed(link)).filter((link) =>
    /^(?:https?:\/\/|mailto:)[^/]/i.test(link),
  )
}

function trimmed(link: string): string {
  const last = link.at(-1) ?? ''
  const opening = BRACKETS[last]
  const isStray =
    opening === undefined ? /[.,;:!?'*’”»…]/.test(last) : count(link, last) > count(link, opening)
  return isStray ? trimmed(link.slice(0, -1)) : link
}

function count(text: string, character: string): number {
  return text.split(character).length - 1
}
