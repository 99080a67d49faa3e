import type { StoredMail, UnreadableMail } from '../stores/mail-store.ts'
import { conversationView } from './conversation-view.ts'
import { failureView } from './failure-view.ts'
import { html, type Html } from './html.ts'
import { pageUrl, type PageQuery } from './page-query.ts'
import type { ReadHeader, ReadMail } from './read-mail.ts'
import { wantsRemote } from './safe-html.ts'
import { bytes, timeView } from './units.ts'

/** How many octets of the source the page shows; the download has all of it. */
const SHOWN_SOURCE = 262_144

interface View {
  readonly name: string
  readonly title: string
  readonly show: () => Html
}

/** One mail: sender, recipients, result, and one of its views. */
export function messageView(mail: StoredMail, read: ReadMail, query: PageQuery): Html {
  const views = viewsOf(mail, read, query)
  const current = views.find(({ name }) => name === query.view) ?? views[0]!
  const { id, subject, state, code } = mail
  return html`<article id="message" aria-labelledby="subject" tabindex="-1">
    <header>
      <a class="back" href="${pageUrl({ ...query, mail: undefined })}">All mails</a>
      <h2 id="subject">${subject === '' ? '(no subject)' : subject}</h2>
      <p class="state ${state}">${code ?? state}</p>
      ${aboutView(mail)}
      <div class="actions">
        ${mail.content && html`<a class="button" href="mails/${id}/message.eml">Download .eml</a>`}
        <form method="post" action="mails/${id}/delete"><button data-action="delete">Delete</button></form>
      </div>
    </header>
    <nav class="views" aria-label="Views">
      ${views.map(
        ({ name, title }) =>
          html`<a
            href="${pageUrl({ ...query, view: name })}"
            ${name === current.name && html` aria-current="page"`}
            >${title}</a
          >`,
      )}
    </nav>
    <section class="view ${current.name}" aria-label="${current.title}">${current.show()}</section>
  </article>`
}

/** The text in place of a mail. */
export function noMessageView(text: string): Html {
  return html`<article id="message" tabindex="-1"><p class="empty">${text}</p></article>`
}

/** The page of a mail that cannot be read. */
export function unreadableMailView({ id, file, reason }: UnreadableMail, query: PageQuery): Html {
  return html`<article id="message" aria-labelledby="subject" tabindex="-1">
    <header>
      <a class="back" href="${pageUrl({ ...query, mail: undefined })}">All mails</a>
      <h2 id="subject">This mail cannot be read</h2>
      <div class="actions">
        <form method="post" action="mails/${id}/delete"><button data-action="delete">Delete</button></form>
      </div>
    </header>
    <p class="empty"><code>${file}</code>: ${reason}</p>
  </article>`
}

function viewsOf(mail: StoredMail, read: ReadMail, query: PageQuery): View[] {
  const { error, transcript } = mail
  const views: (View | false | undefined)[] = [
    error && { name: 'failure', title: 'Why it failed', show: () => failureView(error) },
    read.html !== undefined && {
      name: 'html',
      title: 'HTML',
      show: () => frameView(mail.id, read.html!, query),
    },
    { name: 'text', title: 'Text', show: () => textView(read) },
    { name: 'headers', title: 'Headers', show: () => headersView(read) },
    read.attachments.length > 0 && {
      name: 'attachments',
      title: `Attachments (${read.attachments.length})`,
      show: () => attachmentsView(mail.id, read),
    },
    { name: 'source', title: 'Source', show: () => sourceView(mail) },
    { name: 'conversation', title: 'Conversation', show: () => conversationView(transcript, error) },
  ]
  return views.filter((view) => typeof view === 'object')
}

function aboutView({ from, to, cc, bcc, replyTo, envelope, at, transport, messageId }: StoredMail): Html {
  const isSender = envelope.from !== '' && from.includes(envelope.from)
  return html`<dl class="about">
    <dt>From</dt>
    <dd>${from}${!isSender && html` <span class="envelope">envelope: ${envelope.from || '<>'}</span>`}</dd>
    ${mailboxesView('To', to)}${mailboxesView('Cc', cc)}${mailboxesView('Bcc', bcc)}
    ${mailboxesView('Reply-To', replyTo)}
    <dt>Sent</dt>
    <dd>${timeView(at)} by ${transport}</dd>
    ${
      messageId !== undefined &&
      html`<dt>Message-ID</dt>
        <dd><code>${messageId}</code></dd>`
    }
  </dl>`
}

function mailboxesView(name: string, mailboxes: readonly string[] = []): Html | undefined {
  if (mailboxes.length === 0) return undefined
  return html`<dt>${name}</dt>
    <dd>${mailboxes.join(', ')}</dd>`
}

function frameView(id: string, source: string, query: PageQuery): Html {
  const { remote, width } = query
  const toggle = (name: PageQuery['width'], title: string): Html =>
    html`<a href="${pageUrl({ ...query, width: name })}" ${name === width && html` aria-current="true"`}
      >${title}</a
    >`
  return html`<div class="tools">
      <span role="group" aria-label="Width">${toggle('desktop', 'Desktop')} ${toggle('phone', 'Phone')}</span>
      ${
        wantsRemote(source) &&
        (remote
          ? html`<a href="${pageUrl({ ...query, remote: false })}">Block remote content</a>`
          : html`<span
              >Remote content is blocked. <a href="${pageUrl({ ...query, remote: true })}">Load it</a></span
            >`)
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

function textView({ text, problem }: ReadMail): Html {
  if (problem !== undefined) return html`<p class="empty">This message cannot be read: ${problem}.</p>`
  if (text === undefined || text.trim() === '') return html`<p class="empty">This message has no text.</p>`
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

function attachmentsView(id: string, { attachments }: ReadMail): Html {
  return html`<ul class="attachments">
    ${attachments.map(
      ({ filename, type, content }, index) =>
        html`<li>
          <a href="mails/${id}/attachments/${index}">${filename}</a> ${type}, ${bytes(content.byteLength)}
        </li>`,
    )}
  </ul>`
}

function sourceView({ id, content, problem }: StoredMail): Html {
  if (!content)
    return html`<p class="empty">There is no source${problem !== undefined && `: ${problem}`}.</p>`
  const shown = Buffer.from(content.subarray(0, SHOWN_SOURCE)).toString()
  return html`<p class="tools">
      <a href="mails/${id}/source" target="_blank" rel="noopener">Open as text</a>
      ${content.byteLength > SHOWN_SOURCE && `The first ${bytes(SHOWN_SOURCE)} of ${bytes(content.byteLength)}`}
    </p>
    <pre>${shown}</pre>`
}
