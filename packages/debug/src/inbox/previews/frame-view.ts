import { html, type Html } from '../html.ts'
import { wantsRemote } from '../safe-html.ts'
import { hasDarkStyles } from './color-scheme.ts'
import { previewsUrl, type PreviewsQuery } from './previews-query.ts'

/** The HTML in its frame, as on a desktop or a phone, in light or dark colours. */
export function frameView(key: string, source: string, query: PreviewsQuery, isClipped: boolean): Html {
  const { width, scheme, remote } = query
  const choice = (chosen: boolean, change: Partial<PreviewsQuery>, title: string): Html =>
    html`<a href="${previewsUrl({ ...query, ...change })}" ${chosen && html` aria-current="true"`}
      >${title}</a
    >`
  const parameters = new URLSearchParams({ ...(scheme && { scheme }), ...(remote && { remote: '1' }) })
  const search = parameters.size > 0 ? `?${parameters.toString()}` : ''
  return html`<div class="tools">
      <span role="group" aria-label="Width"
        >${choice(width === undefined, { width: undefined }, 'Desktop')}
        ${choice(width === 'phone', { width: 'phone' }, 'Phone')}</span
      >
      <span role="group" aria-label="Colours"
        >${choice(scheme === undefined, { scheme: undefined }, 'Light')}
        ${choice(scheme === 'dark', { scheme: 'dark' }, 'Dark')}</span
      >
      ${
        wantsRemote(source) &&
        (remote
          ? choice(false, { remote: undefined }, 'Block remote content')
          : html`<span>Remote content is blocked. ${choice(false, { remote: 1 }, 'Load it')}</span>`)
      }
      ${
        isClipped &&
        html`<span
          >Gmail cuts the end off:
          <a href="${previewsUrl({ ...query, view: 'source' })}#clipped">see where</a></span
        >`
      }
    </div>
    ${
      scheme === 'dark' &&
      !hasDarkStyles(source) &&
      html`<p class="problem warning">
        This mail has no styles for dark mode. Some mail programs leave it light, others choose the colours
        themselves.
      </p>`
    }
    <iframe
      class="${width ?? 'desktop'} ${scheme ?? 'light'}"
      title="The template as HTML"
      data-preview="${`${key} ${width} ${scheme}`}"
      src="mails/${key}/html${search}"
      sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"
      referrerpolicy="no-referrer"
    ></iframe>`
}
