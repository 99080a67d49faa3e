import { html, type Html } from '../html.ts'
import { timeView } from '../units.ts'
import type { CheckedLinks } from './checked-links.ts'
import { previewsSearch, type PreviewsQuery } from './previews-query.ts'
import type { PreviewProblem } from './shown-previews.ts'

const LEVELS = { error: 'Error', warning: 'Warning' } as const
const KINDS = {
  subject: 'Subject',
  text: 'Text',
  html: 'HTML',
  link: 'Link',
  image: 'Image',
  size: 'Size',
} as const

/** What is wrong with a sample, and a button that asks the servers of its links. */
export function problemsView(
  problems: readonly PreviewProblem[],
  checked: CheckedLinks | undefined,
  query: PreviewsQuery,
): Html {
  const sorted = problems.toSorted((a, b) => Number(b.level === 'error') - Number(a.level === 'error'))
  return html`${
      problems.length === 0
        ? html`<p class="none">No problems were found.</p>`
        : html`<ul class="problems">
            ${sorted.map(
              ({ level, kind, message }) =>
                html`<li class="problem ${level}">
                  <span class="pill ${level}">${LEVELS[level]}</span>
                  <span class="kind">${KINDS[kind]}</span>
                  <span>${message}</span>
                </li>`,
            )}
          </ul>`
    }
    <h3>Links and remote images</h3>
    <p>
      The check asks each server whether the address exists. It sends no mail, but the servers see a request
      from this machine.
    </p>
    <form
      method="post"
      action="check${previewsSearch({ ...query, view: 'problems' })}"
      data-stay="Asking the servers of links and images."
    >
      <button>Check links and images</button>
    </form>
    ${checked && checkedView(checked)}`
}

function checkedView({ at, problems, isOld }: CheckedLinks): Html {
  const { length } = problems
  const result =
    length === 0
      ? 'No problem was found.'
      : length === 1
        ? '1 problem was found.'
        : `${length} problems were found.`
  return html`<p class="notice ${length === 0 ? 'done' : 'late'}" id="notice" tabindex="-1">
    Checked at ${timeView(at)}: ${result}${isOld && ' The template has changed since then.'}
  </p>`
}
