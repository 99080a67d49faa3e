/** Punctuation of East Asian scripts never stands in a link as it is, so a link ends there, whatever follows. */
const END = String.raw`\u3000-\u3003\u3008-\u3011\u3014-\u301B\u301D-\u301F\uFF01\uFF08\uFF09\uFF0C\uFF0E\uFF1A\uFF1B\uFF1F\uFF3B\uFF3D\uFF5B\uFF5D\uFF5F-\uFF64`
const LINK = new RegExp(String.raw`(?<![a-z\d_])(?:https?:\/\/|mailto:)[^\s<>"\`${END}]+`, 'gi')
const STRAY = /[.,;:!?'*’‘”“„»«›‹…·।۔،؛؟।॥]/

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
