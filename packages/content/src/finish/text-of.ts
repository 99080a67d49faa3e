type Converter = typeof import('html-to-text')

let loading: Promise<Converter> | undefined

/** The text of HTML, for readers and programs that show no HTML. */
export async function textOf(html: string): Promise<string> {
  loading ??= import('html-to-text')
  const { convert } = await loading
  return convert(html, { wordwrap: false })
}
