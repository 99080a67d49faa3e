import { thrownInWords } from '@loudmail/core/transport'
import type { MailList, MailSummary, UnreadableMail } from '../stores/mail-store.ts'
import { html, type Html } from './html.ts'
import { pageUrl, type PageQuery } from './page-query.ts'
import { bytes, timeView } from './units.ts'

/** How many mails a page shows. */
const PAGE_SIZE = 100
/** More of them, if the open mail would not be among them: a burst of new mails must not push it away. */
export const MOST_ON_PAGE = 500
/** How many rows follow the open mail there, so that it need not move to the end of the list. */
const ROWS_BELOW = 30
/** How many unreadable files are named. */
const NAMED = 10

/**
 * The newest mails, or those that a search finds.
 *
 * @param list has one mail more than {@link MOST_ON_PAGE} if there are older ones
 * @param seen the mails that somebody opened
 */
export function listView(list: MailList, query: PageQuery, seen: ReadonlySet<string>): Html {
  const { unreadable = [] } = list
  const current = list.mails.slice(0, MOST_ON_PAGE).findIndex(({ id }) => id === query.mail)
  const mails = list.mails.slice(0, Math.max(PAGE_SIZE, current < 0 ? 0 : current + ROWS_BELOW))
  const older = list.mails.length > mails.length && pageUrl({ ...query, before: mails.at(-1)!.id })
  return html`<nav id="list" aria-label="Mails">
    ${headView(list, query)} ${unreadable.length > 0 && unreadableView(unreadable, query)}
    ${mails.length === 0 && html`<p class="empty">${emptyText(query)}</p>`}
    <ol>
      ${mails.map((mail) => rowOrProblem(mail, query, seen))}
    </ol>
    ${older && html`<p class="more"><a href="${older}" rel="next">Older</a></p>`}
  </nav>`
}

function headView({ total }: MailList, query: PageQuery): Html {
  const filter = (failed: boolean, title: string): Html =>
    html`<a
      href="${pageUrl({ ...query, failed, before: undefined })}"
      ${failed === query.failed && html` aria-current="true"`}
      >${title}</a
    >`
  const what = `${query.failed ? 'failed ' : ''}${total === 1 ? 'mail' : 'mails'}`
  const count = `${total} ${what}${query.search === '' ? '' : ` for “${query.search}”`}`
  return html`<div class="head">
    <p class="count" id="count">
      ${count}${query.before !== undefined && html` · <a href="${pageUrl({ ...query, before: undefined })}">Newest</a>`}
    </p>
    <button type="button" id="newer" hidden>Newer mails</button>
    <span class="filter" role="group" aria-label="Show"
      >${filter(false, 'All')}${filter(true, 'Failed only')}</span
    >
  </div>`
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
function rowOrProblem(mail: MailSummary, query: PageQuery, seen: ReadonlySet<string>): Html {
  try {
    return rowView(mail, query, !seen.has(mail.id))
  } catch (error) {
    return html`<li class="unreadable">This mail cannot be shown: ${thrownInWords(error)}</li>`
  }
}

function rowView(mail: MailSummary, query: PageQuery, isUnread: boolean): Html {
  const { id, at, state, code, subject, from, text, attachments, size } = mail
  const to = mail.to.length > 0 ? mail.to : mail.envelope.to
  const others = to.length - 2
  return html`<li>
    <a
      href="${pageUrl({ ...query, mail: id, view: undefined })}"
      data-mail="${id}"
      class="${state}${isUnread && ' unread'}"
      ${id === query.mail && html` aria-current="true"`}
    >
      ${isUnread && html`<span class="hidden">Unread.</span>`}
      <span class="to">${to.slice(0, 2).join(', ') || '(nobody)'}${others > 0 && ` and ${others} more`}</span>
      ${timeView(at)}
      <span class="subject">${subject === '' ? '(no subject)' : subject}</span>
      <span class="size"
        >${attachments.length > 0 && html`<span class="clip">${attachments.length === 1 ? '1 file' : `${attachments.length} files`}</span> `}${bytes(size)}</span
      >
      <span class="text"
        >${code !== undefined && html`<span class="code">${code}</span> `}${text.slice(0, 120)}</span
      >
      <span class="hidden">from ${from === '' ? mail.envelope.from : from}, ${state}</span>
    </a>
  </li>`
}

function emptyText({ search, failed }: PageQuery): string {
  if (search !== '') return 'No mail matches.'
  return failed ? 'No mail has failed.' : 'New mail appears here by itself.'
}
