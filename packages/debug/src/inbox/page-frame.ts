import { html, type Html, type HtmlValue } from './html.ts'

/** What is on a page. */
export interface PageParts {
  /** Of the window. */
  readonly title: string
  /** Classes of the body. */
  readonly layout: string
  /** Between the name and the news. */
  readonly search?: HtmlValue
  /** At the right end of the top. */
  readonly tools?: HtmlValue
  /** The list and what is open beside it. */
  readonly main: HtmlValue
  /** A script for this page only, apart from that of all pages. */
  readonly script?: 'previews.js' | undefined
}

/** The pages of an inbox. */
const PAGES = { mails: 'Mails', outbox: 'Outbox', previews: 'Previews' } as const

/** A page of an inbox. The mails are at its address, the others below it. */
export type PageName = keyof typeof PAGES

/** Links to the pages of an inbox, from one of them; nothing if there is only one. */
export function pagesView(current: PageName, pages: readonly PageName[]): HtmlValue {
  const up = current === 'mails' ? '' : '../'
  const link = (page: PageName): Html =>
    page === current
      ? html`<a href="./" aria-current="page">${PAGES[page]}</a>`
      : html`<a href="${up}${page !== 'mails' && `${page}/`}">${PAGES[page]}</a>`
  return pages.length > 1 && html`<nav class="filter pages" aria-label="Pages">${pages.map(link)}</nav>`
}

/** A whole page. The script makes it live; it also works without it. */
export function pageFrame({ title, layout, search, tools, main, script }: PageParts): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="inbox.svg" />
        <link rel="stylesheet" href="inbox.css" />
        <script type="module" src="inbox.js"></script>
        ${script && html`<script type="module" src="${script}"></script>`}
      </head>
      <body class="${layout}">
        <a class="skip" href="#message">Skip to the message</a>
        <header class="top">
          <h1>
            <a href="./"><img src="inbox.svg" alt="" width="24" height="24" /><span>Loudmail</span></a>
          </h1>
          ${search}
          <p id="live" role="status"></p>
          ${tools}
        </header>
        <main>${main}</main>
      </body>
    </html>`
}
