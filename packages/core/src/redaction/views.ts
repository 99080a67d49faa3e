/** A text with some escapes decoded. */
export interface View {
  readonly text: string
  /** Where a range of it comes from. */
  toSource(start: number, end: number): readonly [start: number, end: number]
}

const PERCENT = String.raw`%u[\da-f]{4}|%[\da-f]{2}`
const BACKSLASH = String.raw`\\(?:u[\da-f]{4}|u\{[\da-f]{1,6}\}|x[\da-f]{2}|[0-7]{3}|[nrtfv]|[^\da-z])`
const HTML = String.raw`&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8}\d{0,2});`
const QUOTED_PRINTABLE = String.raw`=[\da-f]{2}`
const XTEXT = String.raw`\+[\da-f]{2}`

// Each by itself, because a secret may contain what looks like an escape of another kind; and all together.
const KINDS = [
  PERCENT,
  String.raw`${PERCENT}|\+`,
  BACKSLASH,
  HTML,
  QUOTED_PRINTABLE,
  `${QUOTED_PRINTABLE}|_`,
  XTEXT,
  [PERCENT, BACKSLASH, HTML, QUOTED_PRINTABLE].join('|'),
].map((source) => new RegExp(source, 'gi'))
const HAS_ESCAPES = /%[\da-fu]|\\|&[#a-z]|[=+][\da-f]{2}/i
const HAS_SPACES = /[+_]/
/** Texts may be escaped more than once, such as JSON inside JSON. */
const MOST_TIMES = 3

/**
 * How a text reads once the escapes of web pages, URLs, programs and mail are decoded.
 *
 * @param spaces whether escaped spaces matter
 */
export function* viewsOf(text: string, spaces: boolean): Generator<View> {
  if (!HAS_ESCAPES.test(text) && !(spaces && HAS_SPACES.test(text))) return
  for (const escapes of KINDS) {
    let decoded = text
    for (let times = 1; times <= MOST_TIMES; times++) {
      const before = decoded
      decoded = before.replaceAll(escapes, characterOf)
      if (decoded === before) break
      yield { text: decoded, toSource: toSource(text, escapes, times) }
    }
  }
}

/** Finds out only when asked, which is hardly ever. */
function toSource(text: string, escapes: RegExp, times: number): View['toSource'] {
  let steps: Source[] | undefined
  return (start, end) => {
    steps ??= sourcesOf(text, escapes, times)
    return steps.reduceRight<[number, number]>(
      ([first, last], { starts, ends }) => [starts[first]!, ends[last - 1]!],
      [start, end],
    )
  }
}

/** Where each decoded character comes from, in the text before. */
interface Source {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

function sourcesOf(text: string, escapes: RegExp, times: number): Source[] {
  const steps: Source[] = []
  let decoded = text
  for (let time = 0; time < times; time++) {
    const before = decoded
    const starts: number[] = []
    const ends: number[] = []
    let read = 0
    const addPlain = (until: number): void => {
      for (; read < until; read++) {
        starts.push(read)
        ends.push(read + 1)
      }
    }
    decoded = before.replaceAll(escapes, (escape: string, ...more: unknown[]) => {
      const index = more.find((item) => typeof item === 'number') as number
      addPlain(index)
      const character = characterOf(escape)
      read = index + escape.length
      for (let part = 0; part < character.length; part++) {
        starts.push(index)
        ends.push(read)
      }
      return character
    })
    addPlain(before.length)
    steps.push({ starts, ends })
  }
  return steps
}

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' }

/** What an escape stands for; itself if it stands for nothing. Escaped octets become one character each, as in Latin-1. */
function characterOf(escape: string): string {
  const [mark = '', next = ''] = escape
  if (mark === '&')
    return next === '#' ? ofCode(escape.slice(2, -1), escape) : (ENTITIES.get(escape.slice(1, -1)) ?? escape)
  if (escape === '+' || escape === '_') return ' '
  if (mark !== '\\') return ofCode(`x${escape.replace(/^%u|./i, '')}`, escape)
  if (escape.length === 2) return CONTROLS[next.toLowerCase()] ?? next
  if (/[0-7]/.test(next)) return String.fromCodePoint(Number.parseInt(escape.slice(1), 8) & 0xff)
  return ofCode(`x${escape.replaceAll(/^\\[ux]|[{}]/gi, '')}`, escape)
}

/** @param code decimal, or hexadecimal after an x */
function ofCode(code: string, escape: string): string {
  const number = /^x/i.test(code) ? Number.parseInt(code.slice(1), 16) : Number(code)
  return number <= 0x10ffff ? String.fromCodePoint(number) : escape
}

const LATIN_1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
const ASCII =
  'Tab=\t NewLine=\n excl=! quot=" num=# dollar=$ percnt=% amp=& apos=\' lpar=( rpar=) ast=* plus=+ comma=, period=. sol=/ colon=: semi=; lt=< equals== gt=> quest=? commat=@ lsqb=[ lbrack=[ bsol=\\ rsqb=] rbrack=] Hat=^ lowbar=_ grave=` lcub={ lbrace={ verbar=| vert=| rcub=} rbrace=} tilde=~ QUOT=" AMP=& LT=< GT=>'
/** The names that HTML has for characters that passwords have. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...LATIN_1.split(' ').map((name, index) => [name, String.fromCodePoint(0xa0 + index)] as const),
  ...ASCII.split(' ').map((pair) => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), pair.slice(at + 1)] as const
  }),
])
