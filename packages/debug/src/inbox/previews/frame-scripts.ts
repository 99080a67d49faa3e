/** Tells the page how far the frame is scrolled, and scrolls to where the page says: so a new version stays in place. */
export const SCROLL_SCRIPT = `addEventListener('message', ({ source, data }) => {
  if (source === parent && typeof data === 'object' && typeof data?.scrollTo === 'number') scrollTo(0, data.scrollTo)
})
addEventListener('scroll', () => parent.postMessage({ preview: 'scrolled', y: scrollY }, '*'))
addEventListener('load', () => parent.postMessage({ preview: 'ready' }, '*'))`

/** Checks the document with axe, and tells the page what it found. Rules about pages of a site do not fit a mail. */
export const AXE_SCRIPT = `addEventListener('load', async () => {
  const text = (value, most) => String(value ?? '').slice(0, most)
  try {
    const { violations } = await axe.run(document, {
      resultTypes: ['violations'],
      iframes: false,
      preload: false,
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      rules: { bypass: { enabled: false } },
    })
    const found = violations.slice(0, 100).map(({ id, impact, help, helpUrl, nodes }) => ({
      id: text(id, 100),
      impact: text(impact, 20),
      help: text(help, 500),
      helpUrl: text(helpUrl, 500),
      count: nodes.length,
      elements: nodes.slice(0, 5).map(({ html }) => text(html.replace(/(data:[^,]{0,100},)[^"'\\s)]+/g, '$1…'), 1000)),
    }))
    parent.postMessage({ preview: 'checked', violations: found }, '*')
  } catch (error) {
    parent.postMessage({ preview: 'failed', reason: text(error, 500) }, '*')
  }
})`

/** Tells the page that the check failed. */
export function failedScript(reason: string): string {
  return `parent.postMessage({ preview: 'failed', reason: ${JSON.stringify(reason)} }, '*')`
}
