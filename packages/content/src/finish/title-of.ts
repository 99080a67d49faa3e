import { scan } from './scan.ts'

/** The title alone, for HTML of which nothing else has to be known. */
export function titleOf(html: string): string | undefined {
  if (!/<title/i.test(html)) return undefined
  const end = html.search(/<\/title[\s/>]/i)
  // What follows the first title changes nothing, if it is one.
  return (end < 0 ? undefined : scan(html.slice(0, end + 8)).title) ?? scan(html).title
}
