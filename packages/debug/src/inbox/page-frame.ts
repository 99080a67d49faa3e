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
}

/** The pages of an inbox with an outbox. */
const PAGES = { mails: 'Mails', outbox: 'Outbox' } as const

/** Links to the mails and to the outbox, from one of them. */
export function pagesView(current: keyof typeof PAGES): Html {
  const link = (page: keyof typeof PAGES, elsewhere: string): Html =>
    page === current
      ? html`<a href="./" aria-current="page">${PAGES[page]}</a>`
      : html`<a href="${elsewhere}">${PAGES[page]}</a>`
  return html`<nav class="filter pages" aria-label="Pages">
    ${link('mails', '../')}${link('outbox', 'outbox/')}
  </nav>`
}

/** A whole page. The script makes it live; it also works without it. */
export function pageFrame({ title, layout, search, tools, main }: PageParts): Html {
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
