/**
 * The one-time codes of a text as a person would type them in: 4 to 10 digits (`123456`; of `123 456` and `123-456`
 * without the gap), and mixes of digits and upper-case letters (`X7K9QP`, `A1B2-C3D4`). What stands in links, addresses,
 * dates, times, amounts of money and phone numbers with a `+` is none.
 */
export function findCodes(text: string): string[] {
  const plain = text
    .replaceAll(INVISIBLE, '')
    .replaceAll(/[\u00A0\u2007\u2009\u202F]/g, ' ')
    .replaceAll(/[\u2010\u2011]/g, '-')
    .replaceAll(NO_CODES, '\n')
  return Array.from(plain.matchAll(CANDIDATE), ([candidate]) => candidate).flatMap(codesIn)
}

/** Put between digits so that mail programs take them for no phone number. */
const INVISIBLE = /\u00AD|\u200B|\u200C|\u200D|\u2060|\uFEFF/g

/** Part of a word or a number, in scripts that put spaces between words. */
const WORD = String.raw`[[\p{L}\p{N}_]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}]]`
/** Neither a part of something longer, nor of `1,234`, `10:20`, `25.11.2026`, `a/1234` or `file-1234.txt`. */
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
    // Links, also those without a scheme that have a path.
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
  // Two numbers beside each other; of more, an account or a phone number is likelier.
  return candidate.includes(' ') && groups.length === 2 ? groups.flatMap(codesIn) : []
}

/** `123456`, or `123 456`: groups as long as each other. */
function isGrouped(groups: readonly string[]): boolean {
  return isCodeLength(groups.join('')) && (groups.length === 1 || (isEven(groups) && groups[0]!.length >= 3))
}

/** `X7K9QP`, `A1B2-C3D4` or `G-123456`; not `COVID-19` or the number of an order. */
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
