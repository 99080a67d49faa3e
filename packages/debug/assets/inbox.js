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
