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
  --good: light-dark(#1d6b39, #7fd69c);
  font:
    15px/1.45 system-ui,
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
  grid-template-columns: minmax(18rem, 26rem) minmax(0, 1fr);
  min-height: 0;
}
#list {
  overflow-y: auto;
  border-right: 1px solid var(--line);
}
#list .count,
#list .more {
  margin: 0;
  padding: 0.5rem 1rem;
  color: var(--quiet);
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
  padding: 0.55rem 1rem;
  border-top: 1px solid var(--line);
  border-left: 4px solid transparent;
  color: inherit;
  text-decoration: none;
}
#list ol a:hover {
  background: var(--raised);
}
#list ol a[aria-current] {
  background: var(--chosen);
  border-left-color: var(--accent);
}
#list span {
  overflow: hidden;
  white-space: nowrap;
  text-overflow: ellipsis;
}
#list .subject {
  font-weight: 600;
}
#list time,
#list .size,
#list .text,
.envelope,
.to {
  color: var(--quiet);
}
#list time,
#list .size,
#list .code,
#list .text {
  font-size: 0.85rem;
}
#list time,
#list .size,
#list .code {
  justify-self: end;
}
#list .text {
  grid-column: 1 / -1;
}
#list .clip {
  padding: 0 0.3rem;
  border: 1px solid var(--line);
  border-radius: 4px;
}
#list .code,
.state.failed {
  color: var(--bad);
}
#list .failed .subject::before {
  content: '✗ ';
  color: var(--bad);
}
.empty {
  padding: 2rem 1rem;
  color: var(--quiet);
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
  gap: 0.25rem 1rem;
  padding: 0.75rem 1rem;
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
  font-weight: 600;
  color: var(--good);
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
.views a[aria-current] {
  border-color: var(--accent);
  font-weight: 600;
}
.view {
  flex: 1;
  padding: 1rem;
}
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
iframe.phone {
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
.conversation .failed {
  background: var(--bad-ground);
}
.conversation strong {
  color: var(--bad);
}
.failure .what {
  margin: 0;
  font-size: 1.05rem;
}
.failure .what code,
.recipients .rejected,
.recipients .unknown {
  color: var(--bad);
}
.failure .hint {
  padding: 0.75rem 1rem;
  border-left: 4px solid var(--accent);
  background: var(--raised);
}
.failure .hint strong {
  display: block;
}
.attachments {
  margin: 0;
  padding-left: 1.25rem;
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
  .top {
    flex-wrap: wrap;
    gap: 0.5rem 0.75rem;
  }
  .top form[role='search'] {
    order: 1;
    flex: 1 1 100%;
  }
  #message > header {
    grid-template-columns: minmax(0, 1fr);
  }
  .state,
  .actions {
    justify-self: start;
  }
  .back {
    display: inline-block;
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

/** Shows times in the time zone of the reader. */
function localTimes() {
  const today = new Date().toDateString()
  for (const time of document.querySelectorAll('time')) {
    const at = new Date(time.dateTime)
    const options = { hour: '2-digit', minute: '2-digit', second: '2-digit' }
    time.textContent =
      at.toDateString() === today
        ? at.toLocaleTimeString([], /** @type {Intl.DateTimeFormatOptions} */ (options))
        : at.toLocaleString()
    time.title = at.toString()
  }
}

/**
 * Fetches a page of the inbox and replaces parts of the current one by its parts.
 *
 * @param {string} url
 * @param {readonly string[]} parts
 */
async function show(url, parts) {
  asking.abort()
  asking = new AbortController()
  try {
    const response = await fetch(url, { signal: asking.signal })
    const page = new DOMParser().parseFromString(await response.text(), 'text/html')
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset.mail : undefined
    const scrolled = find(document, '#list').scrollTop
    for (const part of parts) find(document, part).replaceWith(document.adoptNode(find(page, part)))
    document.body.className = page.body.className
    find(document, '#list').scrollTop = scrolled
    if (focused) row(focused)?.focus({ preventScroll: true })
    localTimes()
    return true
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError'))
      live.textContent = 'The inbox does not answer.'
    return false
  }
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
  const isShown = await show(url, ['#list', '#message'])
  going--
  if (isShown) arrived?.()
  if (isStale) await refresh()
}

/** Fetches the list again, at once or after the visits that are under way. */
async function refresh() {
  isStale = going > 0
  if (!isStale) await show(location.href, ['#list'])
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
    link.hash
  )
    return
  event.preventDefault()
  const isMail = link.dataset.mail !== undefined
  void go(link.href).then(() => {
    if (isMail && matchMedia('(max-width: 50rem)').matches) find(document, '#message').focus()
  })
})

document.addEventListener('submit', (event) => {
  const form = event.target
  if (!(form instanceof HTMLFormElement) || form.method !== 'post') return
  event.preventDefault()
  const isClear = form.action.endsWith('/clear')
  if (isClear && !confirm('Delete all mails in this inbox?')) return
  void remove(form.action, isClear)
})

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

const search = /** @type {HTMLInputElement} */ (find(document, 'input[type=search]'))
/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing
search.addEventListener('input', () => {
  clearTimeout(typing)
  typing = setTimeout(searchNow, 150)
})
find(document, 'form[role=search]').addEventListener('submit', (event) => {
  event.preventDefault()
  clearTimeout(typing)
  searchNow()
})

function searchNow() {
  const url = new URL(location.href)
  url.searchParams.delete('before')
  if (search.value.trim() === '') url.searchParams.delete('q')
  else url.searchParams.set('q', search.value)
  void go(url.href, true)
}

/**
 * The row before or after a mail.
 *
 * @param {string | undefined} id
 * @param {1 | -1} step
 */
function neighbour(id, step) {
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#list a[data-mail]')])
  const at = rows.findIndex((each) => each.dataset.mail === id)
  return at < 0 ? rows.at(step > 0 ? 0 : -1) : rows[at + step]
}

/** @type {Record<string, (() => void) | undefined>} */
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  '/': () => search.focus(),
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
  search.value = new URL(location.href).searchParams.get('q') ?? ''
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
}
