import type { StoredMail } from '../stores/mail-store.ts'
import { attachmentsView } from './attachments-view.ts'
import { html, type Html } from './html.ts'
import type { ReadHeader, ReadMail } from './read-mail.ts'
import { wantsRemote } from './safe-html.ts'
import { bytes } from './units.ts'

/** How many octets of the source the page shows; the download has all of it. */
const SHOWN_SOURCE = 262_144

/** One of several ways to look at a message. */
export interface View {
  readonly name: string
  readonly title: string
  readonly show: () => Html
}

/** How HTML is shown. */
export interface Look {
  readonly width: 'desktop' | 'phone'
  /** Whether remote content is loaded. */
  readonly remote: boolean
  /** The address of the page that shows it another way. */
  readonly url: (look: Partial<Pick<Look, 'width' | 'remote'>>) => string
}

/** The content of a message in every way. What they load is below `mails/<id>`. */
export function contentViews(mail: StoredMail, read: ReadMail, look: Look): View[] {
  const { html: page, attachments } = read
  const views: (View | false)[] = [
    page !== undefined && { name: 'html', title: 'HTML', show: () => frameView(mail.id, page, look) },
    { name: 'text', title: 'Text', show: () => textView(mail, read) },
    { name: 'headers', title: 'Headers', show: () => headersView(read) },
    attachments.length > 0 && {
      name: 'attachments',
      title: `Attachments (${attachments.length})`,
      show: () => attachmentsView(mail.id, read),
    },
    { name: 'source', title: 'Source', show: () => sourceView(mail, read) },
  ]
  return views.filter((view) => view !== false)
}

function frameView(id: string, source: string, { remote, width, url }: Look): Html {
  const toggle = (name: Look['width'], title: string): Html =>
    html`<a href="${url({ width: name })}" ${name === width && html` aria-current="true"`}>${title}</a>`
  return html`<div class="tools">
      <span role="group" aria-label="Width">${toggle('desktop', 'Desktop')} ${toggle('phone', 'Phone')}</span>
      ${
        wantsRemote(source) &&
        (remote
          ? html`<a href="${url({ remote: false })}">Block remote content</a>`
          : html`<span>Remote content is blocked. <a href="${url({ remote: true })}">Load it</a></span>`)
      }
    </div>
    <iframe
      class="${width}"
      title="The message as HTML"
      src="mails/${id}/html${remote && '?remote=1'}"
      sandbox="allow-popups allow-popups-to-escape-sandbox"
      referrerpolicy="no-referrer"
    ></iframe>`
}

const URL_IN_TEXT = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/g

function textView(mail: StoredMail, { text, problem }: ReadMail): Html {
  if (!mail.content && mail.text !== '') {
    const why =
      mail.error?.stage === 'compose'
        ? 'The message was not built. This is the beginning of its text.'
        : `This message cannot be read: ${problem ?? 'its content was not kept'}. This is the beginning of its text.`
    return html`<p class="tools">${why}</p>
      <pre>${mail.text}</pre>`
  }
  if (problem !== undefined) return html`<p class="empty">This message cannot be read: ${problem}.</p>`
  if (text === undefined || text.trim() === '') return html`<p class="empty">This message has no text.</p>`
  return linkedText(text)
}

/** Text whose addresses are links. */
export function linkedText(text: string): Html {
  // Every second part of the split text is a link.
  const parts = text
    .split(URL_IN_TEXT)
    .map((part, index) =>
      index % 2 === 1 ? html`<a href="${part}" target="_blank" rel="noopener noreferrer">${part}</a>` : part,
    )
  return html`<pre>${parts}</pre>`
}

function headersView({ headers }: ReadMail): Html {
  if (headers.length === 0) return html`<p class="empty">There are no headers.</p>`
  return html`<table class="headers">
    <tbody>
      ${headers.map(headerView)}
    </tbody>
  </table>`
}

function headerView({ name, value, decoded }: ReadHeader): Html {
  const meaning = decoded !== undefined && html` <span class="decoded">${decoded}</span>`
  return html`<tr>
    <th scope="row">${name}</th>
    <td><code>${value}</code>${meaning}</td>
  </tr>`
}

function sourceView({ id, content, problem }: StoredMail, { source }: ReadMail): Html {
  if (!content)
    return html`<p class="empty">There is no source${problem !== undefined && `: ${problem}`}.</p>`
  return html`<p class="tools">
      <a href="mails/${id}/source" target="_blank" rel="noopener">Open as text</a>
      ${content.byteLength > SHOWN_SOURCE && `The first ${bytes(SHOWN_SOURCE)} of ${bytes(content.byteLength)}`}
    </p>
    <pre>${source?.(SHOWN_SOURCE)}</pre>`
}
