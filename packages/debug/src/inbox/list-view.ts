import type { MailList, MailSummary, UnreadableMail } from '../stores/mail-store.ts'
import { html, type Html } from './html.ts'
import { pageUrl, type PageQuery } from './page-query.ts'
import { bytes, timeView } from './units.ts'

/** How many mails a page shows. */
export const PAGE_SIZE = 100
/** How many unreadable files are named. */
const NAMED = 10

/**
 * The newest mails, or those that a search finds.
 *
 * @param list has one mail more than {@link PAGE_SIZE} if there are older ones
 */
export function listView(list: MailList, query: PageQuery): Html {
  const { total, unreadable = [] } = list
  const mails = list.mails.slice(0, PAGE_SIZE)
  const older = list.mails.length > PAGE_SIZE && pageUrl({ ...query, before: mails.at(-1)!.id })
  return html`<nav id="list" aria-label="Mails">
    <p class="count" id="count">
      ${total} ${total === 1 ? 'mail' : 'mails'}${query.search !== '' && html` for “${query.search}”`}
      ${query.before !== undefined && html`· <a href="${pageUrl({ ...query, before: undefined })}">Newest</a>`}
    </p>
    ${unreadable.length > 0 && unreadableView(unreadable, query)}
    ${mails.length === 0 && html`<p class="empty">${emptyText(query)}</p>`}
    <ol>
      ${mails.map((mail) => rowOrProblem(mail, query))}
    </ol>
    ${older && html`<p class="more"><a href="${older}" rel="next">Older</a></p>`}
  </nav>`
}

function unreadableView(unreadable: readonly UnreadableMail[], query: PageQuery): Html {
  const { length } = unreadable
  return html`<details class="unreadable">
    <summary>${length} ${length === 1 ? 'file' : 'files'} cannot be read as a mail</summary>
    <ul>
      ${unreadable
        .slice(0, NAMED)
        .map(
          ({ id, file, reason }) =>
            html`<li>
              <a href="${pageUrl({ ...query, mail: id, view: undefined })}">${file}</a>: ${reason}
            </li>`,
        )}
      ${length > NAMED && html`<li>and ${length - NAMED} more</li>`}
    </ul>
  </details>`
}

/** A store of somebody else may hold anything: one bad mail must not hide the others. */
function rowOrProblem(mail: MailSummary, query: PageQuery): Html {
  try {
    return rowView(mail, query)
  } catch (error) {
    return html`<li class="unreadable">This mail cannot be shown: ${String(error)}</li>`
  }
}

function rowView(mail: MailSummary, query: PageQuery): Html {
  const { id, at, state, code, subject, from, text, attachments, size } = mail
  const to = mail.to.length > 0 ? mail.to : mail.envelope.to
  return html`<li>
    <a
      href="${pageUrl({ ...query, mail: id, view: undefined })}"
      data-mail="${id}"
      class="${state}"
      ${id === query.mail && html` aria-current="true"`}
    >
      <span class="to">${to.slice(0, 3).join(', ')}${to.length > 3 && ` and ${to.length - 3} more`}</span>
      ${timeView(at)}
      <span class="subject">${subject === '' ? '(no subject)' : subject}</span>
      ${code === undefined ? html`<span class="size">${bytes(size)}</span>` : html`<span class="code">${code}</span>`}
      <span class="text"
        >${attachments.length > 0 && html`<span class="clip">attached</span> `}${text.slice(0, 120)}</span
      >
      <span class="hidden">from ${from === '' ? mail.envelope.from : from}, ${state}</span>
    </a>
  </li>`
}

function emptyText({ search }: PageQuery): string {
  return search === '' ? 'No mail yet. New mail appears here by itself.' : 'No mail matches.'
}
