import type { MailList } from '../stores/mail-store.ts'
import { html, type Html } from './html.ts'
import { listView } from './list-view.ts'
import { pageFrame, pagesView, type PageName } from './page-frame.ts'
import type { PageQuery } from './page-query.ts'

/** What the page shows, apart from the open mail. */
export interface Shown {
  readonly list: MailList
  readonly query: PageQuery
  readonly seen: ReadonlySet<string>
  readonly isEmpty: boolean
  /** What there is beside the mails. */
  readonly pages: readonly PageName[]
}

/** The page of the mails: the list and the open message. */
export function page({ list, query, seen, isEmpty, pages }: Shown, message: Html): Html {
  return pageFrame({
    title: 'Loudmail inbox',
    layout: query.mail !== undefined ? 'reading' : isEmpty ? 'listing empty-store' : 'listing',
    search: html`${pagesView('mails', pages)}
      <form role="search" method="get" action="./">
        <input
          type="search"
          name="q"
          value="${query.search}"
          aria-label="Search mails"
          placeholder="Search"
        />
        ${query.failed && html`<input type="hidden" name="failed" value="1" />`}
      </form>`,
    tools: html`<form method="post" action="clear"><button data-action="clear">Clear</button></form>`,
    main: [listView(list, query, seen), message],
  })
}
