import type { StoredMail, UnreadableMail } from '../stores/mail-store.ts'
import { contentViews, type View } from './content-views.ts'
import { conversationView, FAILED_LINE } from './conversation-view.ts'
import { failureView } from './failure-view.ts'
import { html, type Html } from './html.ts'
import { pageUrl, type PageQuery } from './page-query.ts'
import type { ReadMail } from './read-mail.ts'
import { mailboxesView } from './recipients-view.ts'
import { fullTimeView } from './units.ts'

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
  const views: (View | undefined)[] = [
    error && { name: 'failure', title: 'Why it failed', show: () => failureView(error) },
    ...contentViews(mail, read, { ...query, url: (look) => pageUrl({ ...query, ...look }) }),
    { name: 'conversation', title: 'Conversation', show: () => conversationView(transcript, error) },
  ]
  return views.filter((view) => view !== undefined)
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
