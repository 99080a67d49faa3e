const ESCAPES: Readonly<Record<string, string>> = {
  r: '\r',
  n: '\n',
  t: '\t',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

/** What `repr()` of Python shows of a text or of bytes: `'ehlo app\r\n'`, `b'250 Ok\r\n'`. Bytes are read as UTF-8 if they are. */
export function readPythonText(literal: string): string {
  const isBytes = literal.startsWith('b')
  const [, , inside = literal] = /^b?(['"])(.*)\1$/s.exec(literal) ?? []
  const said = inside.replaceAll(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|(.))/gi,
    (all, hex: string | undefined, four: string | undefined, eight: string | undefined, sign: string) => {
      const digits = hex ?? four ?? eight
      if (digits === undefined) return ESCAPES[sign] ?? all
      const point = Number.parseInt(digits, 16)
      return point > 0x10_ff_ff ? all : String.fromCodePoint(point)
    },
  )
  if (!isBytes) return said
  const utf8 = Buffer.from(said, 'latin1').toString('utf8')
  return utf8.includes('\uFFFD') ? said : utf8
}
