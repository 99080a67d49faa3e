import type { StoredMail, UnreadableMail } from '../stores/mail-store.ts'
import { attachmentsView } from './attachments-view.ts'
import { conversationView, FAILED_LINE } from './conversation-view.ts'
import { failureView } from './failure-view.ts'
import { html, type Html } from './html.ts'
import { pageUrl, type PageQuery } from './page-query.ts'
import type { ReadHeader, ReadMail } from './read-mail.ts'
import { mailboxesView } from './recipients-view.ts'
import { wantsRemote } from './safe-html.ts'
import { bytes, fullTimeView } from './units.ts'

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
      <p class="state ${state}">
        ${STATES[state] ?? state}${code !== undefined && html` <code>${code}</code>`}
      </p>
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
            href="${pageUrl({ ...query, view: name })}${fragmentOf(name, mail)}"
            ${name === current.name && html` aria-current="page"`}
            >${title}</a
          >`,
      )}
    </nav>
    <section class="view ${current.name}" aria-label="${current.title}">${current.show()}</section>
  </article>`
}

/** Leads to the line that failed, also without a script. */
function fragmentOf(view: string, { error }: StoredMail): string {
  return view === 'conversation' && error ? `#${FAILED_LINE}` : ''
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
    { name: 'text', title: 'Text', show: () => textView(mail, read) },
    { name: 'headers', title: 'Headers', show: () => headersView(read) },
    read.attachments.length > 0 && {
      name: 'attachments',
      title: `Attachments (${read.attachments.length})`,
      show: () => attachmentsView(mail.id, read),
    },
    { name: 'source', title: 'Source', show: () => sourceView(mail, read) },
    { name: 'conversation', title: 'Conversation', show: () => conversationView(transcript, error) },
  ]
  return views.filter((view) => typeof view === 'object')
}

const STATES = {
  captured: 'Captured',
  sent: 'Sent',
  queued: 'Queued',
  discarded: 'Discarded',
  failed: 'Failed',
} as const

function aboutView({
  from,
  to,
  cc,
  bcc,
  replyTo,
  envelope,
  at,
  transport,
  messageId,
  content,
}: StoredMail): Html {
  const isSender = envelope.from !== '' && from.includes(envelope.from)
  const line = (title: string, mailboxes: readonly string[] = []): Html | false =>
    mailboxes.length > 0 &&
    html`<dt>${title}</dt>
      <dd>${mailboxesView(mailboxes)}</dd>`
  return html`<dl class="about">
    <dt>From</dt>
    <dd>
      ${from}${content && !isSender && html` <span class="envelope">envelope: ${envelope.from || '<>'}</span>`}
    </dd>
    ${line('To', to)}${line('Cc', cc)}${line('Bcc', bcc)}${line('Reply-To', replyTo)}
    <dt>Date</dt>
    <dd>${fullTimeView(at)} <span class="envelope">by ${transport}</span></dd>
    ${
      messageId !== undefined &&
      html`<dt class="id">Message-ID</dt>
        <dd class="id"><code>${messageId}</code></dd>`
    }
  </dl>`
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
