import type { MailList } from '../stores/mail-store.ts'
import { html, type Html } from './html.ts'
import { listView } from './list-view.ts'
import type { PageQuery } from './page-query.ts'

/** The whole page: the list and the open message. The script makes it live; it also works without it. */
export function page(
  list: MailList,
  message: Html,
  query: PageQuery,
  seen: ReadonlySet<string>,
  isEmpty: boolean,
): Html {
  const layout = query.mail !== undefined ? 'reading' : isEmpty ? 'listing empty-store' : 'listing'
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Loudmail inbox</title>
        <link rel="icon" href="inbox.svg" />
        <link rel="stylesheet" href="inbox.css" />
        <script type="module" src="inbox.js"></script>
      </head>
      <body class="${layout}">
        <a class="skip" href="#message">Skip to the message</a>
        <header class="top">
          <h1>
            <a href="./"><img src="inbox.svg" alt="" width="24" height="24" /><span>Loudmail</span></a>
          </h1>
          <form role="search" method="get" action="./">
            <input
              type="search"
              name="q"
              value="${query.search}"
              aria-label="Search mails"
              placeholder="Search"
            />
            ${query.failed && html`<input type="hidden" name="failed" value="1" />`}
          </form>
          <p id="live" role="status"></p>
          <form method="post" action="clear"><button data-action="clear">Clear</button></form>
        </header>
        <main>${listView(list, query, seen)}${message}</main>
      </body>
    </html>`
}
