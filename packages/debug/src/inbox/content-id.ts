const QUOTED = /"\s*cid:([^"]*)"|'\s*cid:([^']*)'/gi
const UNQUOTED = /\bcid:([^\s"'()<>]+)/gi

/** Replaces the `cid:` URLs (RFC 2392) in the value of an attribute or in a style; `urlOf` may know none. */
export function replaceCids(text: string, urlOf: (id: string) => string | undefined): string {
  if (!/cid:/i.test(text)) return text
  const [, only] = /^\s*cid:([^]*)$/i.exec(text) ?? []
  const url = only === undefined ? undefined : urlOf(only)
  if (url !== undefined) return url
  const replace = (whole: string, ...[id, other]: string[]): string => {
    const found = urlOf(id ?? other ?? '')
    return found === undefined ? whole : `"${found}"`
  }
  return text.replaceAll(QUOTED, replace).replaceAll(UNQUOTED, (whole, id: string) => {
    const [, name, comma] = /^(.*?)(,?)$/.exec(id)!
    return urlOf(id) ?? (comma === '' ? whole : `${urlOf(name!) ?? `cid:${name}`},`)
  })
}

/** The content ids that a page seems to show, in the form of {@link comparableId}. */
export function shownIds(html: string): Set<string> {
  const found = [QUOTED, UNQUOTED].flatMap((pattern) =>
    Array.from(html.matchAll(pattern), ([, id, other]) => id ?? other ?? ''),
  )
  return new Set(found.map((id) => comparableId(id.replaceAll(/&amp;/g, '&').replace(/,$/, ''))))
}

/** A content id, or what a `cid:` URL has of it, in a form that compares: programs encode and capitalise it differently. */
export function comparableId(id: string): string {
  return decoded(id).trim().replaceAll(/^<|>$/g, '').normalize().toLowerCase()
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
