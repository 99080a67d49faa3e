/** Characters that no template has, no escaper changes, and that have no case. */
const START = '\u{F5C0}'
const END = '\u{F5C1}'
const ZERO = 0xf5d0

const MARKER = `${START}[\u{F5D0}-\u{F5D9}]+${END}`
/** As text, in a URL, or as character references. */
const ANY_MARKER = new RegExp(
  [
    MARKER,
    '%EF%97%80(?:%EF%97%9[0-9])+%EF%97%81',
    '&#x0*F5C0;(?:&#x0*F5D[0-9];)+&#x0*F5C1;',
    '&#0*62912;(?:&#0*629(?:2[89]|3[0-7]);)+&#0*62913;',
  ].join('|'),
  'gi',
)

/** A text that stands for a value that is missing. */
export function markerOf(number: number): string {
  const digits = String(number).replaceAll(/\d/g, (digit) => String.fromCharCode(ZERO + Number(digit)))
  return START + digits + END
}

/** Whether a text has markers. */
export function hasMarkers(text: string): boolean {
  return new RegExp(ANY_MARKER).test(text)
}

/** Whether the text is the first one, but for markers where that has the word `undefined`, also in capitals. */
export function printsUndefined(first: string, marked: string): boolean {
  return (
    hasMarkers(marked) && marked.replaceAll(ANY_MARKER, 'undefined').toLowerCase() === first.toLowerCase()
  )
}

/** What a preview is filled up with. */
const FILLER = String.raw`(?:[\s\u00A0\u200B-\u200F\uFEFF]|\u034F|&nbsp;|&zwnj;|&#8199;|&shy;)`

/** What may differ between two renderings of a component, one of them with markers. */
const TOKEN = new RegExp(
  [
    // An attribute whose value is missing is left out. Readers miss a link, a picture or its words, but no class.
    String.raw`\s+(?:href|src|alt)=(["'])(?:${ANY_MARKER.source})\1`,
    ANY_MARKER.source,
    // The text of a preview is filled up to a length.
    `${FILLER}{20,}`,
    String.raw`\s+`,
  ].join('|'),
  'gi',
)
const FILL = new RegExp(`${FILLER}*`, 'y')
const SPACE = /\s*/y
const UNDEFINED = /(?:undefined)?/y

/**
 * Whether the text is the first one, but for markers where that has nothing or the word `undefined`. White space and the
 * comments that React puts between texts do not count.
 */
export function printsNothing(first: string, marked: string): boolean {
  if (!hasMarkers(marked)) return false
  const [whole, other] = [first, marked].map((text) => text.replaceAll('<!-- -->', '')) as [string, string]
  let at = 0
  let from = 0
  const skip = (pattern: RegExp): void => {
    pattern.lastIndex = at
    if (pattern.test(whole)) at = pattern.lastIndex
  }
  for (const token of other.matchAll(TOKEN)) {
    const literal = other.slice(from, token.index)
    if (!whole.startsWith(literal, at)) return false
    at += literal.length
    from = token.index + token[0].length
    if (token[1] !== undefined) {
      const printed = token[0].replaceAll(ANY_MARKER, 'undefined')
      if (whole.startsWith(printed, at)) at += printed.length
    } else if (hasMarkers(token[0])) skip(UNDEFINED)
    else skip(token[0].length < 20 ? SPACE : FILL)
  }
  return whole.slice(at) === other.slice(from)
}
