/**
 * The locales in whose files a template is looked for, the best one first, as ends of file names: `.de-AT`, `.de`, and then
 * those of the usual locale; at last the file without a locale.
 */
export function localesFor(locale: string | undefined, usual: string | undefined): string[] {
  const wanted = [locale, usual].flatMap((tag) => (tag === undefined ? [] : shortened(tag)))
  return [...new Set(wanted.map((tag) => `.${tag}`)), '']
}

/** `zh-Hant-TW`, `zh-Hant`, `zh` (RFC 4647 section 3.4). */
function shortened(tag: string): string[] {
  const parts = tag.split('-')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'))
}
