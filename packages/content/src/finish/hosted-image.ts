/** The address of an image that is on a web server: its relative path, from the folder at `base`. */
export function hostedImage(path: string, base: URL): string {
  const folder = new URL(base)
  if (!folder.pathname.endsWith('/')) folder.pathname += '/'
  const url = new URL(path.trim().replace(/^\/+/, ''), folder)
  if (url.origin !== folder.origin) return path
  // Nothing may end the attribute or the url() that it stands in.
  return url.href.replaceAll(/['()]/g, (character) => ENCODED[character]!)
}

const ENCODED: Readonly<Record<string, string>> = { "'": '%27', '(': '%28', ')': '%29' }
