// Makes the page live: new mail appears by itself, links update only parts of the page, and keys move through the list.
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
  throw new Error(`the page has no ${selector}`)
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
  button.textContent = above === 1 ? '↑ 1 newer mail' : `↑ ${above} newer mails`
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
  const found = document.querySelector(`#list a[data-mail="${CSS.escape(id)}"]`)
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
    live.textContent = `It was not done. ${reason?.slice(0, 300) ?? 'Load this page again.'}`
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
    if (added) live.textContent = `New mail: ${added}`
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
