/**
 * The one-time codes in a text, as a person would type them: 4 to 10 digits (`123456`; also `123 456`, `123-456`,
 * `1 2 3 4 5 6` and one digit a line, returned without the gaps), and mixes of digits and upper-case letters (`X7K9QP`,
 * `A1B2-C3D4`). Digits in links, addresses, dates with their years, times with their zones, amounts of money, phone numbers
 * and numbers that the text calls otherwise (`order 12345`, `ZIP 12345`) do not count.
 */
export function findCodes(text: string): string[] {
  const plain = text
    .replaceAll(INVISIBLE, '')
    .replaceAll(/[\u00A0\u2007\u2009\u202F]/g, ' ')
    .replaceAll(/[\u2010\u2011]/g, '-')
    .replaceAll(FULL_WIDTH, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replaceAll(NO_CODES, '\n')
    .replaceAll(BOXES, (digits) => digits.replaceAll(/[^\dA-Z]/g, ''))
  return Array.from(plain.matchAll(CANDIDATE), ([candidate]) => candidate).flatMap(codesIn)
}

/** Invisible characters that are put between digits so that mail programs do not turn them into a phone number. */
const INVISIBLE = /\u00AD|\u200B|\u200C|\u200D|\u2060|\uFEFF/g

const FULL_WIDTH = /[\uFF10-\uFF19]/g
/** Four to ten single digits or capitals in boxes of their own: with a gap, a bar or a line end between them. */
const BOXES =
  /(?<![^\s|:：])(?=[A-Z\s|]{0,200}\d)[\dA-Z](?:[ \t|\n]{1,5}[\dA-Z]){3,9}(?![^\s|.,;!])(?![ |\n]{1,5}[\dA-Z](?![^\s|]))/g

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
const NAMED =
  'order|invoice|bestellung|rechnung|ticket|case|account|customer|member(?:ship)?|reference|ref|tracking|booking|flight|room|zip|postcode|postal code|plz|p\\.?o\\.? box|vat|iban|bic|serial|version|build|port|page|article|item|sku|isbn|ean'
const YEAR = String.raw`(?:19|20)\d{2}`
const NO_CODES = new RegExp(
  [
    // Links. Those without a scheme must have a path.
    String.raw`\b[a-z][a-z\d+.\-]{0,30}:\/\/\S+|\b(?:mailto|tel):\S+|\bwww\.\S+|(?<![\w.\-])(?:[\w\-]+\.)+[a-z]{2,}\/\S*`,
    String.raw`(?<![^\s<>\(\)@])[^\s<>\(\)@]+@[^\s<>\(\)@]+`,
    // The time of a mail and its zone.
    String.raw`(?<![\d:])\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)? ?(?:[ap]\.?m\.?)? ?(?:(?:GMT|UTC)? ?[+\-−]\d{2}:?\d{2}\b|Z\b)?`,
    String.raw`\b(?:GMT|UTC) ?[+\-−]\d{1,2}:?(?:\d{2})?\b|(?<![\w\-])[+\-−](?:0\d|1[0-4])(?:00|30|45)\b`,
    // Numbers that the text calls something else than a code.
    String.raw`\b(?:${NAMED})\b\.?(?: ?(?:no|nr|number|nummer|id|#|№)\b\.?)?(?: is)? ?[:#№]? ?#?(?:[A-Z]{1,4}[ \-]?)?\d[\d\- ]{0,30}\b`,
    String.raw`\b\d{1,2} ?(?:${MONTH})\b\.?,? ?${YEAR}\b|\b(?:in|since|until|by|year|from|of) ${YEAR}\b(?!\d)`,
    String.raw`${YEAR} ?年|\b\d{1,4} ?[年月日]`,
    String.raw`\b[A-Z]{2} \d{5}(?:-\d{4})?\b(?=[,.]? ?(?:USA|US|United|\n|$))|\b\d{5}-\d{4}\b`,
    String.raw`\(\d{2,5}\) ?\d{3,5}[ \-]?\d{3,6}\b|\b\d{3}[ .\-]\d{3}[ .\-]\d{4}\b|\b(?:tel|phone|fax|call|mobile|ext)\b\.?:? ?[\d \(\)\/.\-]{4,30}`,
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
