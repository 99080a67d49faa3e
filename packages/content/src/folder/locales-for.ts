/**
 * The locales in whose files a template is looked for, the best one first: those of the reader, then the usual ones; at last
 * the file without a locale, which is the empty string. In lower case: `zh-hant-tw`, `zh-hant`, `zh`.
 */
export function localesFor(locale: string | undefined, usual: string | undefined): string[] {
  const wanted = [locale, usual].flatMap((tag) => (tag === undefined ? [] : shortened(tag.toLowerCase())))
  return [...new Set([...wanted, ''])]
}

/** From the whole tag to its language. A single letter or digit never ends a tag (RFC 4647 section 3.4). */
function shortened(tag: string): string[] {
  const parts = tag.split('-')
  return parts
    .map((_, index) => parts.slice(0, parts.length - index))
    .filter((kept) => kept.at(-1)!.length > 1)
    .map((kept) => kept.join('-'))
}
