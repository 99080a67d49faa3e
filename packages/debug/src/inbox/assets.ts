// Made by scripts/inbox-assets.ts: change the files in packages/debug/assets, and run `pnpm format`.

/** What the pages of the inbox load, by name. */
export const ASSETS: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  'inbox.css': {
    type: 'text/css; charset=utf-8',
    text: `:root {
  color-scheme: light dark;
  --ground: light-dark(#ffffff, #16181d);
  --raised: light-dark(#f6f6f4, #1e2128);
  --chosen: light-dark(#fdeee4, #3a2a20);
  --line: light-dark(#dcdcd6, #343843);
  --ink: light-dark(#1b1c1f, #e7e8ea);
  --quiet: light-dark(#5b5e66, #a2a7b2);
  --accent: light-dark(#b03a06, #ff9d66);
  --bad: light-dark(#b3121f, #ff8a8a);
  --bad-ground: light-dark(#fdecec, #3a1f22);
  --warn: light-dark(#7a4b00, #f0c060);
  --warn-ground: light-dark(#fdf1d8, #3a2f18);
  --good: light-dark(#1d6b39, #7fd69c);
  --good-ground: light-dark(#e4f4e9, #1c3325);
  --shade: light-dark(#eceae6, #2a2e37);
  font:
    14px/1.45 system-ui,
    -apple-system,
    'Segoe UI',
    Roboto,
    'DejaVu Sans',
    sans-serif;
}
* {
  box-sizing: border-box;
}
body {
  margin: 0;
  height: 100dvh;
  display: grid;
  grid-template-rows: auto 1fr;
  background: var(--ground);
  color: var(--ink);
}
a {
  color: var(--accent);
}
:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: -3px;
}
.skip {
  position: absolute;
  left: -99rem;
}
.skip:focus {
  left: 0.5rem;
  top: 0.5rem;
  z-index: 1;
  padding: 0.5rem;
  background: var(--ground);
}
.hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
button,
.button {
  font: inherit;
  padding: 0.25rem 0.75rem;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--ground);
  color: var(--ink);
  text-decoration: none;
  cursor: pointer;
}
[hidden] {
  display: none !important;
}
button:hover,
.button:hover {
  border-color: var(--accent);
}
.top {
  display: flex;
  gap: 1rem;
  align-items: center;
  padding: 0.5rem 1rem;
  border-bottom: 1px solid var(--line);
  background: var(--raised);
}
.top h1 {
  margin: 0;
  font-size: 1.1rem;
}
.top h1 a {
  display: flex;
  gap: 0.5rem;
  align-items: center;
  color: var(--ink);
  text-decoration: none;
}
.top form[role='search'] {
  flex: 0 1 24rem;
}
.top input {
  width: 100%;
  font: inherit;
  padding: 0.3rem 0.6rem;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--ground);
  color: var(--ink);
}
#live {
  flex: 1;
  margin: 0;
  color: var(--quiet);
  overflow: hidden;
  white-space: nowrap;
  text-overflow: ellipsis;
}
main {
  display: grid;
  grid-template-columns: minmax(18rem, 27rem) minmax(0, 1fr);
  min-height: 0;
}
#list {
  overflow-y: auto;
  border-right: 1px solid var(--line);
}
#list .head {
  position: sticky;
  top: 0;
  z-index: 1;
  display: flex;
  gap: 0.75rem;
  align-items: center;
  min-height: 2.4rem;
  padding: 0.35rem 1rem;
  background: var(--ground);
  border-bottom: 1px solid var(--line);
}
#list .count {
  flex: 1;
  margin: 0;
  color: var(--quiet);
}
#list .more {
  margin: 0;
  padding: 0.75rem 1rem;
}
#newer {
  position: absolute;
  left: 50%;
  top: 100%;
  transform: translate(-50%, 0.4rem);
  border-radius: 99px;
  background: var(--accent);
  border-color: var(--accent);
  color: var(--ground);
}
.filter {
  display: flex;
  border: 1px solid var(--line);
  border-radius: 6px;
  overflow: hidden;
}
.filter a {
  padding: 0.1rem 0.55rem;
  color: var(--quiet);
  text-decoration: none;
  font-size: 0.9rem;
}
.filter a + a {
  border-left: 1px solid var(--line);
}
.filter a[aria-current] {
  background: var(--shade);
  color: var(--ink);
  font-weight: 600;
}
.pages {
  flex: none;
}
.outbox #list .head {
  flex-wrap: wrap;
}
.states {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem;
  width: 100%;
  padding-bottom: 0.2rem;
}
.states a {
  padding: 0.1rem 0.5rem;
  border: 1px solid var(--line);
  border-radius: 99px;
  color: var(--quiet);
  text-decoration: none;
  font-size: 0.85rem;
}
.states a:hover {
  border-color: var(--accent);
}
.states a[aria-current] {
  background: var(--shade);
  color: var(--ink);
  font-weight: 600;
}
.states span {
  font-variant-numeric: tabular-nums;
}
.states .dead.some,
.states .in-doubt.some {
  border-color: var(--bad);
  color: var(--bad);
}
#list .unreadable {
  padding: 0.5rem 1rem;
  background: var(--bad-ground);
  color: var(--bad);
  overflow-wrap: anywhere;
}
#list .unreadable a {
  color: inherit;
}
#list .unreadable ul {
  margin: 0.25rem 0;
  padding-left: 1.25rem;
  font-size: 0.85rem;
}
#list ol {
  margin: 0;
  padding: 0;
  list-style: none;
}
#list ol a {
  position: relative;
  display: grid;
  grid-template-columns: minmax(0, 1fr) auto;
  gap: 0 0.75rem;
  padding: 0.45rem 1rem 0.45rem 1.25rem;
  border-bottom: 1px solid var(--line);
  border-left: 4px solid transparent;
  color: inherit;
  text-decoration: none;
  scroll-margin: 3rem 0 1rem;
}
#list ol a:hover {
  background: var(--raised);
}
#list ol a[aria-current] {
  background: var(--chosen);
  border-left-color: var(--accent);
}
#list ol a.unread::before {
  content: '';
  position: absolute;
  left: 0.3rem;
  top: 0.95rem;
  width: 0.5rem;
  height: 0.5rem;
  border-radius: 50%;
  background: var(--accent);
}
#list ol span {
  overflow: hidden;
  white-space: nowrap;
  text-overflow: ellipsis;
}
#list .unread .to,
#list .unread .subject {
  font-weight: 650;
}
#list ol .to {
  color: var(--ink);
}
#list time,
#list .size,
#list .text,
.envelope,
.to,
.facts {
  color: var(--quiet);
}
#list time,
#list .size,
#list .text {
  font-size: 0.85rem;
}
#list time,
#list .size {
  justify-self: end;
  font-variant-numeric: tabular-nums;
}
#list .text {
  grid-column: 1 / -1;
}
#list .clip {
  padding: 0 0.35rem;
  border-radius: 99px;
  background: var(--shade);
}
.code {
  padding: 0.05rem 0.35rem;
  border-radius: 4px;
  background: var(--bad-ground);
  color: var(--bad);
}
#list .code {
  font-weight: 600;
}
#list .failed .subject::before {
  content: '✗ ';
  color: var(--bad);
}
.empty {
  padding: 2rem 1rem;
  color: var(--quiet);
}
#message > .empty {
  margin: auto;
}
.welcome {
  padding: 1.5rem 2rem;
  line-height: 1.6;
}
.welcome > * {
  width: 100%;
  max-width: 44rem;
  margin: 0 0 0.75rem;
}
.welcome > h3 {
  margin-top: 1rem;
}
.copyable {
  position: relative;
}
.copyable pre {
  padding: 0.75rem 5.5rem 0.75rem 1rem;
  border: 1px solid var(--line);
  border-radius: 8px;
  background: var(--raised);
}
.copyable button {
  position: absolute;
  right: 0.5rem;
  top: 0.5rem;
}
#message {
  display: flex;
  flex-direction: column;
  min-height: 0;
  overflow-y: auto;
}
#message > header {
  display: grid;
  grid-template-columns: minmax(0, 1fr) auto;
  gap: 0.4rem 1rem;
  padding: 0.9rem 1.25rem 0.75rem;
}
#message h2 {
  margin: 0;
  font-size: 1.25rem;
  overflow-wrap: anywhere;
}
.back {
  display: none;
}
.state {
  margin: 0;
  align-self: start;
  padding: 0.1rem 0.6rem;
  border-radius: 99px;
  background: var(--good-ground);
  color: var(--good);
  font-weight: 600;
  white-space: nowrap;
}
.state.failed {
  background: var(--bad-ground);
  color: var(--bad);
}
.pill {
  justify-self: end;
  padding: 0 0.5rem;
  border-radius: 99px;
  background: var(--shade);
  color: var(--ink);
  font-size: 0.85rem;
}
.pill.sent {
  background: var(--good-ground);
  color: var(--good);
}
.pill.dead,
.pill.in-doubt {
  background: var(--bad-ground);
  color: var(--bad);
}
.state.pill {
  padding: 0.1rem 0.6rem;
  font-size: 1rem;
}
.ask,
.notice {
  margin: 0 1.25rem 0.9rem;
  padding: 0.75rem 1rem;
  border-left: 4px solid var(--accent);
  background: var(--raised);
  overflow-wrap: anywhere;
}
.ask .actions {
  justify-self: start;
}
.ask h3,
.ask p {
  margin: 0 0 0.5rem;
}
.notice.done {
  border-color: var(--good);
}
.notice.late {
  border-color: var(--bad);
}
.overview {
  padding: 1.5rem 2rem;
}
.overview .number {
  text-align: right;
  font-variant-numeric: tabular-nums;
}
.failures {
  display: flex;
  flex-wrap: wrap;
  gap: 0 2rem;
  margin: 0;
  padding-left: 1.25rem;
}
.state,
.actions {
  justify-self: end;
}
.actions {
  display: flex;
  gap: 0.5rem;
  align-items: start;
}
dl {
  display: grid;
  grid-template-columns: max-content minmax(0, 1fr);
  gap: 0.2rem 0.9rem;
  margin: 0;
}
dt {
  color: var(--quiet);
}
dd {
  margin: 0;
  overflow-wrap: anywhere;
}
details.more summary {
  width: max-content;
  color: var(--accent);
  cursor: pointer;
}
details.more[open] summary {
  margin-bottom: 0.25rem;
}
dd details.more {
  display: inline;
}
.views {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem;
  padding: 0 1rem;
  border-bottom: 1px solid var(--line);
}
.views a {
  padding: 0.4rem 0.7rem;
  border-bottom: 3px solid transparent;
  color: var(--ink);
  text-decoration: none;
}
.views a:hover {
  background: var(--raised);
}
.views a[aria-current] {
  border-color: var(--accent);
  font-weight: 600;
}
.view {
  flex: 1;
  padding: 1rem 1.25rem;
}
.view.message {
  display: flex;
  flex-direction: column;
}
.part {
  flex: 1;
}
.part.html,
.view.html {
  display: flex;
  flex-direction: column;
  min-height: 22rem;
}
.tools {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 1.5rem;
  margin: 0 0 0.75rem;
  color: var(--quiet);
}
.tools a[aria-current] {
  color: var(--ink);
  font-weight: 600;
  text-decoration: none;
}
iframe {
  flex: 1;
  width: 100%;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: #fff;
  color-scheme: light;
}
iframe.dark {
  background: #1c1c1e;
  color-scheme: dark;
}
iframe.checked {
  position: absolute;
  left: -200vw;
  width: 50rem;
  height: 40rem;
}
iframe.phone {
  /* A border would be a part of the 375 pixels. */
  border: 0;
  box-shadow: 0 0 0 1px var(--line);
  width: 375px;
  max-width: 100%;
  align-self: center;
}
pre,
code {
  font-family: ui-monospace, 'DejaVu Sans Mono', monospace;
  font-size: 0.9em;
}
pre {
  margin: 0;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
code {
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
pre code {
  font-size: inherit;
}
table {
  width: 100%;
  border-collapse: collapse;
}
th,
td {
  padding: 0.2rem 0.75rem 0.2rem 0;
  text-align: left;
  vertical-align: top;
  font-weight: normal;
}
.conversation thead th:first-child {
  width: 5rem;
  text-align: right;
}
.failure .what:not(.verbatim)::first-letter {
  text-transform: uppercase;
}
thead th {
  color: var(--quiet);
  border-bottom: 1px solid var(--line);
}
.headers th {
  color: var(--quiet);
  white-space: nowrap;
}
.conversation td.time {
  color: var(--quiet);
  text-align: right;
  white-space: nowrap;
}
.conversation .client th {
  color: var(--accent);
}
.conversation .event {
  color: var(--quiet);
  font-style: italic;
}
.conversation tr {
  scroll-margin: 4rem;
}
.conversation tbody tr + tr td,
.conversation tbody tr + tr th {
  border-top: 1px solid var(--line);
}
.conversation .failed {
  background: var(--bad-ground);
}
.headers tr + tr > * {
  border-top: 1px solid var(--line);
}
.headers .decoded {
  display: block;
}
.headers td:has(.decoded) code {
  color: var(--quiet);
}
.conversation strong {
  color: var(--bad);
}
.failure .what {
  margin: 0;
  font-size: 1.05rem;
}
.recipients .rejected,
.recipients .unknown {
  color: var(--bad);
}
.failure .what {
  font-weight: 600;
}
.failure h3 {
  margin: 1.25rem 0 0.25rem;
  font-size: 1rem;
}
.failure .hint {
  padding: 0.75rem 1rem;
  border-left: 4px solid var(--accent);
  background: var(--raised);
}
.failure .hint strong {
  display: block;
}
.location p {
  margin: 0.75rem 0 0.25rem;
  overflow-wrap: anywhere;
}
.location pre {
  padding: 0.75rem 1rem;
  border: 1px solid var(--line);
  border-radius: 8px;
  background: var(--raised);
  white-space: pre;
  overflow-x: auto;
  overflow-wrap: normal;
}
.location code {
  white-space: inherit;
}
.state.warned,
.pill.warning {
  background: var(--warn-ground);
  color: var(--warn);
}
.pill.error {
  background: var(--bad-ground);
  color: var(--bad);
}
#list ol .template {
  grid-column: 1 / -1;
  font-weight: 600;
}
.previews #message .about {
  grid-column: 1 / -1;
}
.size meter {
  width: 8rem;
  margin-right: 0.5rem;
  vertical-align: middle;
}
.size.clipped strong {
  color: var(--bad);
}
ul.problems {
  margin: 0 0 1.5rem;
  padding: 0;
  list-style: none;
}
.problem {
  margin: 0 0 0.75rem;
  padding: 0.6rem 1rem;
  border-left: 4px solid var(--warn);
  background: var(--raised);
  overflow-wrap: anywhere;
}
.problem.error {
  border-color: var(--bad);
}
.problem .pill {
  margin-right: 0.5rem;
  text-transform: capitalize;
}
.problem .kind {
  margin-right: 0.5rem;
  color: var(--quiet);
}
.problem pre {
  margin-top: 0.4rem;
  padding: 0.4rem 0.6rem;
  background: var(--shade);
  border-radius: 4px;
}
.cut h3 {
  margin: 1rem 0 0.5rem;
  padding-top: 0.75rem;
  border-top: 2px dashed var(--bad);
  color: var(--bad);
}
.cut mark {
  background: var(--bad-ground);
  color: inherit;
}
h3 {
  font-size: 1rem;
}
ul.attachments {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr));
  gap: 0.75rem;
  margin: 0;
  padding: 0;
  list-style: none;
}
.attachments li {
  display: grid;
  grid-template-columns: 4rem minmax(0, 1fr);
  grid-auto-rows: max-content;
  gap: 0 0.75rem;
  align-content: center;
  padding: 0.6rem;
  border: 1px solid var(--line);
  border-radius: 8px;
  overflow-wrap: anywhere;
}
.attachments img,
.attachments .sort {
  grid-row: 1 / span 3;
  width: 4rem;
  height: 4rem;
  border-radius: 4px;
  background: var(--shade);
}
.attachments img {
  object-fit: contain;
}
.attachments .sort {
  display: grid;
  place-items: center;
  color: var(--quiet);
  font-size: 0.85rem;
  font-weight: 600;
}
.attachments .facts {
  font-size: 0.85rem;
}
@media (max-width: 50rem) {
  main {
    grid-template-columns: minmax(0, 1fr);
  }
  .listing #message,
  .reading #list {
    display: none;
  }
  #list {
    border-right: 0;
  }
  .empty-store #message {
    display: flex;
    border-top: 1px solid var(--line);
  }
  .empty-store #list {
    display: none;
  }
  .top {
    gap: 0.5rem;
    padding: 0.35rem 0.75rem;
  }
  .top h1 span {
    position: absolute;
    clip-path: inset(50%);
  }
  .top form[role='search'] {
    flex: 1;
  }
  .reading .top form:not([role='search']) {
    display: none;
  }
  #live {
    position: fixed;
    inset: auto 0 0;
    z-index: 2;
    padding: 0.35rem 0.75rem;
    background: var(--raised);
    border-top: 1px solid var(--line);
  }
  #live:empty {
    display: none;
  }
  #message > header {
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0.25rem 0.75rem;
    padding: 0.5rem 0.75rem;
  }
  #message h2 {
    grid-column: 1 / -1;
    font-size: 1.1rem;
  }
  #message .about {
    grid-column: 1 / -1;
    gap: 0 0.6rem;
    font-size: 0.9rem;
  }
  #message .id {
    display: none;
  }
  #message .back {
    align-self: center;
  }
  #message .state {
    grid-row: 1;
    grid-column: 2;
    max-width: 60vw;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  #message .actions {
    grid-column: 1 / -1;
    justify-self: start;
  }
  .views {
    flex: none;
    flex-wrap: nowrap;
    overflow-x: auto;
    padding: 0 0.25rem;
    scrollbar-width: none;
  }
  .views a {
    flex: none;
  }
  .view {
    padding: 0.75rem;
  }
  .welcome {
    padding: 0.75rem;
  }
  .back {
    display: inline-block;
  }
  .overview {
    padding: 0.75rem;
  }
  .ask,
  .notice {
    margin: 0 0.75rem 0.75rem;
  }
}
`,
  },
  'inbox.js': {
    type: 'text/javascript; charset=utf-8',
    text: `// Makes the page live: new mail appears by itself, links update only parts of the page, and keys move through the list.
// The page also works without it.

const live = find(document, '#live')
/** The current request; the answer to an older one is not needed any more. */
let asking = new AbortController()

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
function find(root, selector) {
  const element = root.querySelector(selector)
  if (element instanceof HTMLElement) return element
  throw new Error(\`the page has no \${selector}\`)
}

/** Shows times in the time zone of the reader: only the time of today, the date as well of other days. */
function localTimes() {
  const today = new Date().toDateString()
  for (const time of document.querySelectorAll('time')) {
    const at = new Date(time.dateTime)
    time.title = at.toString()
    /** @type {Intl.DateTimeFormatOptions} */
    const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit' }
    if (time.className === 'full')
      time.textContent = at.toLocaleString([], { dateStyle: 'full', timeStyle: 'medium' })
    else if (at.toDateString() === today) time.textContent = at.toLocaleTimeString([], clock)
    else time.textContent = at.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
  }
}

/** Shows the buttons that need this script. */
function showButtons() {
  for (const button of document.querySelectorAll('[data-copy]'))
    if (button instanceof HTMLElement) button.hidden = false
}

/** @typedef {{ id: string, top: number }} Anchor */

/**
 * The row that must stay where it is while the list changes: the open mail if it is in view, otherwise the first row in
 * view. At the top of the list, nothing has to stay.
 *
 * @returns {Anchor | undefined}
 */
function anchor() {
  const list = find(document, '#list').getBoundingClientRect()
  const head = find(document, '#list .head').getBoundingClientRect().bottom
  const visible = rows().filter((each) => {
    const { top, bottom } = each.getBoundingClientRect()
    return bottom > head && top < list.bottom
  })
  const current = visible.find((each) => each.hasAttribute('aria-current'))
  const kept = current ?? (find(document, '#list').scrollTop > 0 ? visible[0] : undefined)
  return kept && { id: kept.dataset.mail ?? '', top: kept.getBoundingClientRect().top }
}

/**
 * Scrolls the list so that a row is where it was.
 *
 * @param {Anchor | undefined} kept
 */
function keepInPlace(kept) {
  const moved = kept && row(kept.id)
  if (moved) find(document, '#list').scrollTop += moved.getBoundingClientRect().top - kept.top
}

/**
 * Fetches a page of the inbox and replaces parts of the current one by its parts.
 *
 * @param {string} url
 * @param {boolean} [isRefresh] what is open stays as it is, unless another version of it came
 */
async function show(url, isRefresh = false) {
  asking.abort()
  asking = new AbortController()
  try {
    const response = await fetch(url, { signal: asking.signal })
    const text = await response.text()
    if (!response.headers.get('content-type')?.startsWith('text/html')) {
      live.textContent = text.slice(0, 300)
      return false
    }
    const page = new DOMParser().parseFromString(text, 'text/html')
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset.mail : undefined
    const kept = anchor()
    const scrolled = find(document, '#list').scrollTop
    const newest = rows()[0]?.dataset.mail
    replacePart('#list', page)
    if (!isRefresh) replacePart('#message', page)
    else if (versionOf(page) !== versionOf(document)) update(page)
    document.body.className = page.body.className
    find(document, '#list').scrollTop = scrolled
    keepInPlace(kept)
    if (focused) row(focused)?.focus({ preventScroll: true })
    localTimes()
    showButtons()
    tellNewer(newest)
    return true
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError'))
      live.textContent = 'The inbox does not answer.'
    return false
  }
}

/** @param {Document} page */
function versionOf(page) {
  return find(page, '#message').dataset.version
}

/**
 * @param {string} part
 * @param {Document} page
 */
function replacePart(part, page) {
  find(document, part).replaceWith(document.adoptNode(find(page, part)))
}

/**
 * Replaces what is open by another version of it. Focus and scrolling stay.
 *
 * @param {Document} page
 */
function update(page) {
  const old = find(document, '#message')
  const hadFocus = old.contains(document.activeElement)
  const { scrollTop } = old
  replacePart('#message', page)
  const fresh = find(document, '#message')
  fresh.scrollTop = scrollTop
  if (hadFocus) fresh.focus({ preventScroll: true })
}

/** The newest mail that was in view when the list was at its top. */
let newestSeen = document.querySelector('#list a[data-mail]')?.getAttribute('data-mail') ?? undefined

/**
 * Shows a button if newer mails are above the rows in view.
 *
 * @param {string | undefined} newest the first row before the list changed
 */
function tellNewer(newest) {
  const list = find(document, '#list')
  if (list.scrollTop === 0) newestSeen = rows()[0]?.dataset.mail
  else newestSeen ??= newest
  const above = rows().findIndex((each) => each.dataset.mail === newestSeen)
  const button = find(document, '#newer')
  button.hidden = above <= 0
  button.textContent = above === 1 ? '↑ 1 newer mail' : \`↑ \${above} newer mails\`
}

/** Brings the open mail, its view and the step that failed into view. */
function reveal() {
  document.querySelector('#list ol a[aria-current]')?.scrollIntoView({ block: 'nearest' })
  document.querySelector('.views a[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  document.querySelector('#failed-line')?.scrollIntoView({ block: 'nearest' })
}

/** How many visits to another page are under way; a refresh must not interrupt them. */
let going = 0
let isStale = false

/**
 * Shows another page of the inbox.
 *
 * @param {string} url
 * @param {() => void} [arrived]
 */
async function visit(url, arrived) {
  going++
  const isShown = await show(url)
  going--
  if (isShown) {
    arrived?.()
    reveal()
  }
  if (isStale) await refresh()
}

/** Fetches the list again, at once or after the visits that are under way. */
async function refresh() {
  isStale = going > 0
  if (isStale) return
  // The first mail takes the place of the page that says how to send one.
  const isFirst = document.body.classList.contains('empty-store')
  await show(location.href, !isFirst)
}

/**
 * Goes to another page of the inbox.
 *
 * @param {string} url
 * @param {boolean} [replace] whether it replaces the current page in the history
 */
function go(url, replace = false) {
  return visit(url, () => history[replace ? 'replaceState' : 'pushState'](null, '', url))
}

function rows() {
  return /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#list a[data-mail]')])
}

/** @param {string} id */
function row(id) {
  const found = document.querySelector(\`#list a[data-mail="\${CSS.escape(id)}"]\`)
  return found instanceof HTMLElement ? found : undefined
}

document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (
    !link ||
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey
  )
    return
  if (
    link.target !== '' ||
    link.origin !== location.origin ||
    link.pathname !== location.pathname ||
    link.hash === '#message'
  )
    return
  event.preventDefault()
  const isMail = link.dataset.mail !== undefined
  void go(link.href).then(() => {
    focusOn('#ask')
    if (isMail && matchMedia('(max-width: 50rem)').matches) find(document, '#message').focus()
  })
})

/** @param {string} selector of an element that may be missing */
function focusOn(selector) {
  const element = document.querySelector(selector)
  if (element instanceof HTMLElement) element.focus()
}

document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('button') : null
  if (button?.id === 'newer') {
    find(document, '#list').scrollTop = 0
    tellNewer(undefined)
  } else if (button?.dataset.copy !== undefined) void copy(button)
})

/** @param {HTMLButtonElement} button beside the text to copy */
async function copy(button) {
  const text = button.parentElement?.querySelector('code')?.textContent ?? ''
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = 'Copied'
  } catch {
    // The browser does not allow it, on a page that is not from this machine for example.
    const code = button.parentElement?.querySelector('code')
    if (code) getSelection()?.selectAllChildren(code)
    button.textContent = 'Selected'
  }
}

document.addEventListener('submit', (event) => {
  const form = event.target
  if (!(form instanceof HTMLFormElement) || form.method !== 'post') return
  event.preventDefault()
  if (form.closest('#ask') || form.dataset.stay !== undefined) {
    live.textContent = form.dataset.stay ?? ''
    void settle(form.action)
    return
  }
  const isClear = form.action.endsWith('/clear')
  if (isClear && !confirm('Delete all mails in this inbox?')) return
  void remove(form.action, isClear)
})

/**
 * Does what was confirmed with a message of the outbox, and shows what became of it.
 *
 * @param {string} action
 */
async function settle(action) {
  const response = await fetch(action, { method: 'POST' }).catch(() => undefined)
  const url = new URL(response?.url ?? action)
  // What is done leads back to this page. A log-in page of the application is elsewhere.
  if (url.pathname !== location.pathname) {
    const isText = response?.headers.get('content-type')?.startsWith('text/plain')
    const reason = isText ? await response?.text() : undefined
    live.textContent = \`It was not done. \${reason?.slice(0, 300) ?? 'Load this page again.'}\`
    return
  }
  await go(url.href, true)
  live.textContent = ''
  focusOn('#notice')
  // Later news must not repeat what is over.
  for (const name of ['done', 'late']) url.searchParams.delete(name)
  history.replaceState(null, '', url)
}

/**
 * @param {string} action
 * @param {boolean} isClear
 */
async function remove(action, isClear) {
  const url = new URL(location.href)
  const id = url.searchParams.get('mail')
  const next = isClear || !id ? undefined : (neighbour(id, 1) ?? neighbour(id, -1))
  const response = await fetch(action, { method: 'POST', redirect: 'manual' })
  if (response.type !== 'opaqueredirect' && !response.ok) {
    live.textContent = 'Deleting failed.'
    return
  }
  for (const name of ['view', 'width', 'remote', ...(next ? [] : ['mail'])]) url.searchParams.delete(name)
  if (next) url.searchParams.set('mail', next.dataset.mail ?? '')
  await go(url.href, true)
  if (next) row(next.dataset.mail ?? '')?.focus()
}

/** Only mails can be searched. */
const field = document.querySelector('input[type=search]')
const search = field instanceof HTMLInputElement ? field : undefined
/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing
search?.addEventListener('input', () => {
  clearTimeout(typing)
  typing = setTimeout(searchNow, 150)
})
search?.form?.addEventListener('submit', (event) => {
  event.preventDefault()
  clearTimeout(typing)
  searchNow()
})

function searchNow() {
  const url = new URL(location.href)
  const words = search?.value ?? ''
  url.searchParams.delete('before')
  if (words.trim() === '') url.searchParams.delete('q')
  else url.searchParams.set('q', words)
  void go(url.href, true)
}

/**
 * The row before or after a mail.
 *
 * @param {string | undefined} id
 * @param {1 | -1} step
 */
function neighbour(id, step) {
  const all = rows()
  const at = all.findIndex((each) => each.dataset.mail === id)
  return at < 0 ? all.at(step > 0 ? 0 : -1) : all[at + step]
}

/** @type {Record<string, (() => void) | undefined>} */
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  '/': () => search?.focus(),
  Delete: () => click('[data-action=delete]'),
  Escape: () => click('#message a.back'),
}

/** @param {1 | -1} step */
function move(step) {
  const next = neighbour(new URL(location.href).searchParams.get('mail') ?? undefined, step)
  if (!next) return
  void go(/** @type {HTMLAnchorElement} */ (next).href).then(() => row(next.dataset.mail ?? '')?.focus())
}

/** @param {string} selector of an element that may be missing */
function click(selector) {
  const element = document.querySelector(selector)
  if (element instanceof HTMLElement) element.click()
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const isTyping = event.target instanceof HTMLInputElement
  if (isTyping && event.key === 'Escape') event.target.blur()
  const act = isTyping ? undefined : KEYS[event.key]
  if (!act) return
  event.preventDefault()
  act()
})

addEventListener('popstate', () => {
  if (search) search.value = new URL(location.href).searchParams.get('q') ?? ''
  void visit(location.href)
})

const events = new EventSource('events')
events.addEventListener('message', ({ data }) => {
  const { added } = JSON.parse(data)
  void refresh().then(() => {
    if (added) live.textContent = \`New mail: \${added}\`
  })
})
let isConnected = true
events.addEventListener('error', () => {
  isConnected = false
  live.textContent = 'Not connected.'
})
events.addEventListener('open', () => {
  if (isConnected) return
  isConnected = true
  live.textContent = ''
  // Something may have changed in the meantime.
  void refresh()
})

localTimes()
showButtons()
reveal()
document.addEventListener(
  'scroll',
  ({ target }) => {
    if (target instanceof Element && target.id === 'list' && target.scrollTop === 0) tellNewer(undefined)
  },
  true,
)
`,
  },
  'inbox.svg': {
    type: 'image/svg+xml',
    text: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect x="2" y="7" width="28" height="19" rx="3" fill="#c2410c" />
  <path d="M4 10l12 9 12-9" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" />
</svg>
`,
  },
  'previews.js': {
    type: 'text/javascript; charset=utf-8',
    text: `// The page of the previews: keeps a frame where it was scrolled to when its template changes, and shows what axe found.

/** Where the frame that is shown was scrolled to, in CSS pixels. */
let scrolled = { preview: '', y: 0 }

/** @typedef {{ id: string, impact: string, help: string, helpUrl: string, count: number, elements: string[] }} Violation */

// What is in a frame is not trusted, whatever it says: every value is checked, and shown as text only.
addEventListener('message', ({ data, source, origin }) => {
  const frame = document.querySelector('#message iframe')
  if (!(frame instanceof HTMLIFrameElement) || source !== frame.contentWindow || origin !== 'null') return
  if (typeof data !== 'object' || data === null) return
  const { preview = '' } = frame.dataset
  if (frame.classList.contains('checked')) showChecked(data)
  else if (data.preview === 'scrolled' && Number.isFinite(data.y)) scrolled = { preview, y: data.y }
  else if (data.preview === 'ready') {
    if (scrolled.preview !== preview) scrolled = { preview, y: 0 }
    else frame.contentWindow?.postMessage({ scrollTo: scrolled.y }, '*')
  }
})

/** @param {Record<string, unknown>} data */
function showChecked(data) {
  const place = document.querySelector('#accessibility')
  if (!place) return
  if (data.preview === 'failed') {
    place.replaceChildren(element('p', 'problem error', \`The check failed: \${words(data.reason, 500)}\`))
    return
  }
  if (data.preview !== 'checked' || !Array.isArray(data.violations)) return
  const violations = data.violations.slice(0, 100).map(asViolation)
  const tab = document.querySelector('.views a[aria-current]')
  if (tab)
    tab.textContent = violations.length === 0 ? 'Accessibility' : \`Accessibility (\${violations.length})\`
  if (violations.length === 0) {
    place.replaceChildren(element('p', 'none', 'axe found no problem.'))
    return
  }
  const count = violations.length === 1 ? '1 rule is broken.' : \`\${violations.length} rules are broken.\`
  const list = element('ul', 'problems')
  list.append(...violations.map(violationView))
  place.replaceChildren(element('p', '', count), list)
}

const IMPACTS = ['minor', 'moderate', 'serious', 'critical']

/**
 * @param {unknown} value
 * @returns {Violation}
 */
function asViolation(value) {
  const { id, impact, help, helpUrl, count, elements } = /** @type {Record<string, unknown>} */ (
    Object(value)
  )
  const address = URL.parse(words(helpUrl, 500))
  return {
    id: words(id, 100),
    impact: IMPACTS.find((known) => known === impact) ?? 'minor',
    help: words(help, 500),
    helpUrl: address?.protocol === 'https:' ? address.href : '',
    count: Number.isSafeInteger(count) ? Number(count) : 0,
    elements: Array.isArray(elements) ? elements.slice(0, 5).map((each) => words(each, 1000)) : [],
  }
}

/** @param {Violation} violation */
function violationView({ id, impact, help, helpUrl, count, elements }) {
  const isBad = impact === 'serious' || impact === 'critical'
  const item = element('li', \`problem \${isBad ? 'error' : 'warning'}\`)
  item.append(
    element('span', \`pill \${isBad ? 'error' : 'warning'}\`, impact),
    element('strong', '', help),
    element('span', 'kind', count === 1 ? '1 element' : \`\${count} elements\`),
  )
  if (helpUrl) {
    const link = document.createElement('a')
    link.href = helpUrl
    link.target = '_blank'
    link.rel = 'noopener noreferrer'
    link.textContent = \`About the rule \${id}\`
    item.append(link)
  }
  for (const html of elements) {
    const code = element('pre', '')
    code.append(element('code', '', html))
    item.append(code)
  }
  return item
}

/**
 * @param {string} name
 * @param {string} className
 * @param {string} [text]
 */
function element(name, className, text = '') {
  const made = document.createElement(name)
  made.className = className
  made.textContent = text
  return made
}

/**
 * @param {unknown} value
 * @param {number} most
 */
function words(value, most) {
  return typeof value === 'string' ? value.slice(0, most) : ''
}
`,
  },
}
