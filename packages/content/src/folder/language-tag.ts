const TAG = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/
/** Real ones have up to 35 (RFC 5646, section 4.4.1). Each part of a tag is looked up, and the tag may come from a request. */
const MOST_CHARACTERS = 100

/** Whether this is written as a language tag (BCP 47), such as `de` or `zh-Hant-TW`. Nothing of a path can be in one. */
export function isLanguageTag(tag: unknown): tag is string {
  return typeof tag === 'string' && tag.length <= MOST_CHARACTERS && TAG.test(tag)
}

/** What is wrong with a locale. */
export function notALanguageTag(tag: unknown): string {
  const shown = typeof tag === 'string' ? JSON.stringify(tag.slice(0, 40)) : `of type ${typeof tag}`
  const advice = typeof tag === 'string' && isLanguageTag(tag.replaceAll('_', '-')) ? ', with a hyphen' : ''
  return `the locale ${shown} is not a language tag such as de or de-AT${advice} (BCP 47)`
}
