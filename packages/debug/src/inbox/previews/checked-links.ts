import type { PreviewSample } from './sample-key.ts'
import type { PreviewProblem, ShownPreviews } from './shown-previews.ts'

/** What the links and remote images of a sample were found to be. */
export interface CheckedLinks {
  /** When. */
  readonly at: Date
  readonly problems: readonly PreviewProblem[]
  /** The HTML has changed since then. */
  readonly isOld: boolean
}

/** How many samples are remembered. */
const MOST = 1_000

interface Remembered {
  readonly at: Date
  readonly problems: readonly PreviewProblem[]
  readonly html: string | undefined
}

const found = new WeakMap<ShownPreviews, Map<string, Remembered>>()

/** Asks the servers of links and remote images, and remembers what they said until the program ends. */
export async function checkLinksOf(
  previews: ShownPreviews,
  { name, sample, key }: PreviewSample,
): Promise<readonly PreviewProblem[]> {
  const html = (await previews.show(name, sample))?.html
  const problems = await previews.checkLinks(name, sample)
  const results = found.get(previews) ?? new Map<string, Remembered>()
  found.set(previews, results)
  results.delete(key)
  results.set(key, { at: new Date(), problems, html })
  if (results.size > MOST) results.delete(results.keys().next().value!)
  return problems
}

/** What was found the last time; undefined if nobody asked. */
export function checkedLinks(
  previews: ShownPreviews,
  key: string,
  html: string | undefined,
): CheckedLinks | undefined {
  const last = found.get(previews)?.get(key)
  return last && { at: last.at, problems: last.problems, isOld: last.html !== html }
}
