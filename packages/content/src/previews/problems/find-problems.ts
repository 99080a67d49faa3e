import { readHtml } from '../html/read-html.ts'
import type { PreviewProblem } from '../preview.ts'
import type { Rendered } from '../render-sample.ts'
import { findImageProblems } from './image-problems.ts'
import { findLinkProblems } from './link-problems.ts'
import { ProblemList, type Flaw } from './problem-list.ts'
import { findSizeProblems } from './size-problems.ts'
import { findSubjectProblems } from './subject-problems.ts'
import { findTextProblems } from './text-problems.ts'

const DROPPED: Flaw = {
  kind: 'html',
  level: 'warning',
  what: 'Something that mail programs drop',
  advice:
    'Scripts and frames show nothing. Put the CSS of a remote style sheet into <style>, or into a file on disk.',
}

/** What is wrong with a rendered sample, without asking anybody. */
export function findProblems(rendered: Rendered, htmlOctets: number): readonly PreviewProblem[] {
  const { subject, text, html } = rendered.message
  const problems = new ProblemList()
  const found = html?.trim() ? readHtml(html) : undefined
  findSubjectProblems(subject, problems)
  findTextProblems(text, found, problems)
  for (const each of found?.dropped ?? []) problems.add(DROPPED, each)
  if (found) findLinkProblems(found, problems)
  findImageProblems(found, rendered.attachments, problems)
  findSizeProblems(htmlOctets, rendered, problems)
  return problems.all
}
