/** RFC 2392. What cannot be in it ends it: quotes, brackets and blanks. Longer ones are no id of an attachment. */
const CID = /\bcid:([^\s"'()<>]{1,900})/gi

/** Adds the ids that `cid:` URLs in a text name, as they are written. */
export function addContentIds(text: string, ids: Set<string>): void {
  for (const [, id] of text.matchAll(CID)) ids.add(id!)
}

/** An id or the name of a place without percent encoding; as it is, if that is broken. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
