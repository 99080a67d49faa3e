/**
 * The one-time codes in a text, as a person would type them: 4 to 10 digits (`123456`; also `123 456` and `123-456`,
 * returned without the gap), and mixes of digits and upper-case letters (`X7K9QP`, `A1B2-C3D4`). Digits in links,
 * addresses, dates, times, amounts of money and phone numbers with a `+` do not count.
 */
export function findCodes(text: string): string[] {
  const plain = text
    .replaceAll(INVISIBLE, '')
    .replaceAll(/[\u00A0\u2007\u2009\u202F]/g, ' ')
    .replaceAll(/[\u2010\u2011]/g, '-')
    .replaceAll(NO_CODES, '\n')
  return Array.from(plain.matchAll(CANDIDATE), ([candidate]) => candidate).flatMap(codesIn)
}

/** Invisible characters that are put between digits so that mail programs do not turn them into a phone number. */
const INVISIBLE = /\u00AD|\u200B|\u200C|\u200D|\u2060|\uFEFF/g

/** Part of a word or a number, in scripts that put spaces between words. */
const WORD = String.raw`[[\p{L}\p{N}_]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}]]`
/** Not part of something longer, such as `1,234`, `10:20`, `25.11.2026`, `a/1234` or `file-1234.txt`. */
const BEFORE = String.raw`(?<!${WORD})(?<!${WORD}[\-.\/+])(?<!\d[,:'’])`
const AFTER = String.raw`(?!${WORD}|[\-\/]${WORD}|[.,:'’]\d|\.\p{Ll})`
const CANDIDATE = new RegExp(
  String.raw`${BEFORE}(?:\d+(?:(?<gap>[ \-])\d+(?:\k<gap>\d+)*)?|[A-Z\d]+(?:-[A-Z\d]+)*)${AFTER}`,
  'gv',
)

const AMOUNT = String.raw`\d{1,30}(?:[.,'’ ]\d{3}(?!\d)){0,9}(?:[.,]\d{1,30})?`
const CURRENCY = 'EUR|USD|GBP|CHF|JPY|CNY|INR|KRW|SEK|NOK|DKK|PLN|CZK|HUF|RON|CAD|AUD|NZD|BRL|MXN|ZAR|SGD|HKD'
const MONTH =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?'
const YEAR = String.raw`(?:19|20)\d{2}`
const NO_CODES = new RegExp(
  [
    // Links. Those without a scheme must have a path.
    String.raw`\b[a-z][a-z\d+.\-]{0,30}:\/\/\S+|\b(?:mailto|tel):\S+|\bwww\.\S+|(?<![\w.\-])(?:[\w\-]+\.)+[a-z]{2,}\/\S*`,
    String.raw`(?<![^\s<>\(\)@])[^\s<>\(\)@]+@[^\s<>\(\)@]+`,
    String.raw`\+\d[\d \(\).\/\-]*`,
    String.raw`(?:\p{Sc}|\b(?:${CURRENCY})) ?${AMOUNT}`,
    String.raw`\b${AMOUNT} ?(?:\p{Sc}(?!\d)|%|(?:${CURRENCY})\b)`,
    String.raw`\b(?:${MONTH})\.?,? (?:\d{1,2}(?:st|nd|rd|th)?,? )?${YEAR}\b`,
    String.raw`(?:©|\(c\)|\bcopyright) ?(?:${YEAR} ?[\-–] ?)?${YEAR}\b|\b${YEAR} ?[\-–] ?${YEAR}\b`,
  ].join('|'),
  'giv',
)

function codesIn(candidate: string): string[] {
  const groups = candidate.split(/[ -]/)
  if (/[A-Z]/.test(candidate)) return isMix(candidate, groups) ? [candidate] : []
  if (isGrouped(groups)) return [groups.join('')]
  // Two numbers next to each other. More than two are more likely an account or a phone number.
  return candidate.includes(' ') && groups.length === 2 ? groups.flatMap(codesIn) : []
}

/** `123456`, or `123 456`: groups of the same length. */
function isGrouped(groups: readonly string[]): boolean {
  return isCodeLength(groups.join('')) && (groups.length === 1 || (isEven(groups) && groups[0]!.length >= 3))
}

/** `X7K9QP`, `A1B2-C3D4` or `G-123456`, but not `COVID-19` or an order number. */
function isMix(candidate: string, groups: readonly string[]): boolean {
  if (!/\d/.test(candidate)) return false
  if (groups.length === 1) return isCodeLength(candidate)
  return /^[A-Z]-\d{4,10}$/.test(candidate) || (isEven(groups) && /^.{7,24}$/.test(candidate))
}

function isCodeLength({ length }: string): boolean {
  return length >= 4 && length <= 10
}

function isEven(groups: readonly string[]): boolean {
  return groups.every(({ length }) => length === groups[0]?.length)
}
