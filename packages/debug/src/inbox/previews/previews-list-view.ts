import { html, type Html } from '../html.ts'
import { UNNAMED, type PreviewSample } from './sample-key.ts'
import { previewsUrl, type PreviewsQuery } from './previews-query.ts'

/** The templates and their samples. */
export function previewsListView(samples: readonly PreviewSample[], query: PreviewsQuery): Html {
  const templates = new Set(samples.map(({ name }) => name)).size
  const count = `${counted(templates, 'template')}, ${counted(samples.length, 'sample')}`
  return html`<nav id="list" aria-label="Templates">
    <div class="head">
      <p class="count" id="count">${count}</p>
      <button type="button" id="newer" hidden>Newer mails</button>
    </div>
    ${samples.length === 0 && html`<p class="empty">There are no samples.</p>`}
    <ol>
      ${samples.map(
        ({ name, sample, key }) =>
          html`<li>
            <a
              href="${previewsUrl({ ...query, mail: key, remote: undefined })}"
              data-mail="${key}"
              ${key === query.mail && html` aria-current="true"`}
            >
              <span class="template">${name}</span>
              ${sample !== UNNAMED && html`<span class="text">${sample}</span>`}
            </a>
          </li>`,
      )}
    </ol>
  </nav>`
}

/** A number with its noun: `1 sample`, `3 samples`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
