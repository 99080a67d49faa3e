// The page of the previews: keeps a frame where it was scrolled to when its template changes, and shows what axe found.

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
    place.replaceChildren(element('p', 'problem error', `The check failed: ${words(data.reason, 500)}`))
    return
  }
  if (data.preview !== 'checked' || !Array.isArray(data.violations)) return
  const violations = data.violations.slice(0, 100).map(asViolation)
  const tab = document.querySelector('.views a[aria-current]')
  if (tab)
    tab.textContent = violations.length === 0 ? 'Accessibility' : `Accessibility (${violations.length})`
  if (violations.length === 0) {
    place.replaceChildren(element('p', 'none', 'axe found no problem.'))
    return
  }
  const count = violations.length === 1 ? '1 rule is broken.' : `${violations.length} rules are broken.`
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
  const item = element('li', `problem ${isBad ? 'error' : 'warning'}`)
  item.append(
    element('span', `pill ${isBad ? 'error' : 'warning'}`, impact),
    element('strong', '', help),
    element('span', 'kind', count === 1 ? '1 element' : `${count} elements`),
  )
  if (helpUrl) {
    const link = document.createElement('a')
    link.href = helpUrl
    link.target = '_blank'
    link.rel = 'noopener noreferrer'
    link.textContent = `About the rule ${id}`
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
