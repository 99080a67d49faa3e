import type { CheckedLinks } from './checked-links.ts'
import type { PreviewSample } from './sample-key.ts'
import type { PreviewProblem, ShownPreview } from './shown-previews.ts'

/** Everything that is known of a sample. */
export interface PreviewFacts {
  readonly of: PreviewSample
  readonly preview: ShownPreview
  /** What its links and remote images were found to be, if somebody asked. */
  readonly checked: CheckedLinks | undefined
  /** axe-core is installed. */
  readonly hasAxe: boolean
}

/** What is wrong: what rendering shows, and what the servers of links said, unless the template has changed since then. */
export function allProblems({ problems }: ShownPreview, checked: CheckedLinks | undefined): PreviewProblem[] {
  const seen = new Set(problems.map(({ message }) => message))
  const told = checked === undefined || checked.isOld ? [] : checked.problems
  return [...problems, ...told.filter(({ message }) => !seen.has(message))]
}
