/** How much of the content {@link signatureType} looks at, in octets. */
export const SIGNATURE_OCTETS = 4096

type Recognise = (head: Buffer) => string | undefined

/** The media type that the first octets show, of the images and files that are sent most; undefined if they show none. */
export function signatureType(content: Uint8Array): string | undefined {
  const octets = Math.min(content.byteLength, SIGNATURE_OCTETS)
  const head = Buffer.from(content.buffer, content.byteOffset, octets)
  for (const recognise of SIGNATURES) {
    const type = recognise(head)
    if (type) return type
  }
  return undefined
}

const SIGNATURES: readonly Recognise[] = [
  startsWith('image/png', '\x89PNG\r\n\x1A\n'),
  startsWith('image/jpeg', '\xFF\xD8\xFF'),
  startsWith('image/gif', 'GIF87a', 'GIF89a'),
  startsWith('image/tiff', 'II*\0', 'MM\0*', 'II+\0\x08\0', 'MM\0+\0\x08'),
  startsWith('application/pdf', '%PDF-', '\xEF\xBB\xBF%PDF-'),
  startsWith('application/gzip', '\x1F\x8B\x08'),
  startsWith('audio/mpeg', 'ID3\x02', 'ID3\x03', 'ID3\x04'),
  riff,
  mediaFile,
  bitmap,
  icon,
  zip,
  svg,
]

function startsWith(type: string, ...signatures: readonly string[]): Recognise {
  return (head) =>
    signatures.some((each) => head.toString('latin1', 0, each.length) === each) ? type : undefined
}

const RIFF: Readonly<Record<string, string>> = {
  WEBP: 'image/webp',
  WAVE: 'audio/wav',
  'AVI ': 'video/x-msvideo',
}

function riff(head: Buffer): string | undefined {
  return head.toString('latin1', 0, 4) === 'RIFF' ? RIFF[head.toString('latin1', 8, 12)] : undefined
}

/** The brands of an ISO base media file (ISO/IEC 14496-12), the more exact ones first. */
const BRANDS: readonly (readonly [type: string, brands: readonly string[]])[] = [
  ['image/avif', ['avif', 'avis']],
  ['image/heic', ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx']],
  ['audio/mp4', ['M4A ', 'M4B ']],
  ['video/quicktime', ['qt  ']],
  ['video/mp4', ['isom', 'iso2', 'iso4', 'iso5', 'iso6', 'mp41', 'mp42', 'avc1', 'M4V ', 'dash']],
]

function mediaFile(head: Buffer): string | undefined {
  if (head.toString('latin1', 4, 8) !== 'ftyp') return undefined
  const main = head.toString('latin1', 8, 12)
  // A general brand says little: the compatible brands behind it say more.
  const others = head.toString('latin1', 16, Math.min(head.readUInt32BE(0), 128)).match(/[^]{4}/g) ?? []
  const typeOf = (brands: readonly string[]) =>
    BRANDS.find(([, known]) => brands.some((brand) => known.includes(brand)))?.[0]
  return typeOf([main]) ?? typeOf(others)
}

const BITMAP_HEADERS: readonly number[] = [12, 16, 40, 52, 56, 64, 108, 124]

/** Two letters are not enough: the reserved octets are zero, and the header behind them has one of a few lengths. */
function bitmap(head: Buffer): string | undefined {
  const isBitmap =
    head.length >= 18 &&
    head.toString('latin1', 0, 2) === 'BM' &&
    head.readUInt32LE(6) === 0 &&
    BITMAP_HEADERS.includes(head.readUInt32LE(14))
  return isBitmap ? 'image/bmp' : undefined
}

/** A directory of at least one image, whose first entry lies behind it. */
function icon(head: Buffer): string | undefined {
  if (head.length < 22 || head.readUInt32BE(0) !== 0x00_00_01_00) return undefined
  const images = head.readUInt16LE(4)
  const isIcon = images > 0 && head[9] === 0 && head.readUInt32LE(18) >= 6 + 16 * images
  return isIcon ? 'image/vnd.microsoft.icon' : undefined
}

const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+$/
const PACKAGED = /^(?:\[Content_Types\]\.xml|_rels\/|docProps\/|word\/|xl\/|ppt\/|META-INF\/)/

/**
 * Office files and other packages are ZIP archives, too, and the first entry shows it. OpenDocument and EPUB say their type
 * in it; for the others no type is better than `application/zip`.
 */
function zip(head: Buffer): string | undefined {
  if (head.length < 30 || head.toString('latin1', 0, 4) !== 'PK\x03\x04') return undefined
  const nameEnd = 30 + head.readUInt16LE(26)
  const name = head.toString('latin1', 30, nameEnd)
  if (PACKAGED.test(name)) return undefined
  if (name !== 'mimetype') return 'application/zip'
  const start = nameEnd + head.readUInt16LE(28)
  const type = head.toString('latin1', start, start + Math.min(head.readUInt32LE(18), 100))
  return MEDIA_TYPE.test(type) ? type : 'application/zip'
}

/** The root element decides. HTML or text that only contains a drawing is not one. */
const SVG =
  /^(?:\xEF\xBB\xBF)?\s*(?:<(?:\?xml\b[^>]*\?|!--(?:[^-]|-(?!->))*--|!DOCTYPE\s+svg\b[^>[]*(?:\[[^\]]*\]\s*)?)>\s*)*<(?:svg:)?svg[\s/>]/

function svg(head: Buffer): string | undefined {
  // Most content does not begin like XML.
  const first = head[0]
  if (first !== 0x3c && first !== 0xef && !(first! <= 0x20)) return undefined
  return SVG.test(head.toString('latin1')) ? 'image/svg+xml' : undefined
}
