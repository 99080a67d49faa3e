import { createHash } from 'node:crypto'
import type { View } from '../content-views.ts'
import { reasonView } from '../failure-view.ts'
import { html, type Html, type HtmlValue } from '../html.ts'
import type { CheckedLinks } from './checked-links.ts'
import { allProblems, type PreviewFacts } from './preview-facts.ts'
import { counted } from './previews-list-view.ts'
import { previewsUrl, type PreviewsQuery } from './previews-query.ts'
import { previewViews } from './preview-views.ts'
import { UNNAMED } from './sample-key.ts'
import type { ShownPreview } from './shown-previews.ts'
import { sizeView } from './size-view.ts'

/** One sample: what it is, what is wrong with it, and one of its views. */
export function previewView(facts: PreviewFacts, query: PreviewsQuery): Html {
  const { of, preview, checked } = facts
  const { error, subject } = preview
  const views: View[] = error
    ? [{ name: 'failure', title: 'Why it fails', show: () => reasonView(error) }]
    : previewViews(facts, query)
  const current = views.find(({ name }) => name === query.view) ?? views[0]!
  const title = error ? 'This template cannot be rendered' : subject
  return html`<article
    id="message"
    aria-labelledby="subject"
    tabindex="-1"
    data-version="${versionOf(preview, checked)}"
  >
    <header>
      <a class="back" href="${previewsUrl({ ...query, mail: undefined })}">All templates</a>
      <h2 id="subject">${title === undefined || title === '' ? '(no subject)' : title}</h2>
      ${stateView(preview, checked)}
      <dl class="about">
        <dt>Template</dt>
        <dd>${of.name}</dd>
        ${
          of.sample !== UNNAMED &&
          html`<dt>Sample</dt>
            <dd>${of.sample}</dd>`
        }
        ${!error && sizeView(preview)}
      </dl>
    </header>
    <nav class="views" aria-label="Views">
      ${views.map(
        ({ name, title: words }) =>
          html`<a
            href="${previewsUrl({ ...query, view: name })}"
            ${name === current.name && html` aria-current="page"`}
            >${words}</a
          >`,
      )}
    </nav>
    <section class="view ${current.name}" aria-label="${current.title}">${current.show()}</section>
  </article>`
}

function stateView(preview: ShownPreview, checked: CheckedLinks | undefined): HtmlValue {
  if (preview.error) return html`<p class="state failed">Fails <code>${preview.error.code}</code></p>`
  const problems = allProblems(preview, checked)
  if (problems.length === 0) return undefined
  const isBad = problems.some(({ level }) => level === 'error')
  return html`<p class="state ${isBad ? 'failed' : 'warned'}">${counted(problems.length, 'problem')}</p>`
}

/** Another version is put in place of this one, and the same is left alone. */
function versionOf(preview: ShownPreview, checked: CheckedLinks | undefined): string {
  const { error, attachments, ...facts } = preview
  const hash = createHash('sha256')
  hash.update(JSON.stringify([facts, error?.message, error?.location, checked]))
  for (const { bytes, ...about } of attachments) hash.update(JSON.stringify(about)).update(bytes)
  return hash.digest('base64url')
}
