import type { FoundHtml, FoundLink } from '../html/found-html.ts'
import { percentDecoded } from '../html/content-ids.ts'
import { isUnfilled, schemeOf, webAddressFlaw } from './address-problems.ts'
import type { Flaw, ProblemList } from './problem-list.ts'

const NO_ADDRESS = error('A link without an address', 'Give it an href.')
const NOWHERE = error('A link that leads nowhere (href="#")', 'Give it the address of a page.')
const NO_PLACE = error(
  'A link to a place that is not in this mail',
  'Give its target an id, or use the address of a page.',
)
const UNFILLED = error(
  'A link with a part that was not filled in',
  'Check the data that its address is made of.',
)
const RELATIVE = error(
  'A link without https:// and a host in front',
  'A mail has no site that an address could belong to: write the whole address.',
)
const NO_SCRIPT = error('A link with javascript:', 'Mail programs run no scripts: link to a page.')
const NOT_OPENED = error('A link that mail programs do not open', 'Link to a page with https:.')
const NO_RECIPIENT = error('A link to nobody (mailto: without an address)', 'Write an address behind it.')
const NO_NUMBER = error('A link to nobody (without a number)', 'Write a telephone number behind it.')

/** They lead to files and scripts of whoever reads, which mail programs block. */
const BLOCKED: readonly string[] = ['about', 'blob', 'cid', 'data', 'file', 'mid', 'vbscript', 'view-source']

export function findLinkProblems(html: FoundHtml, problems: ProblemList): void {
  for (const link of html.links) {
    if (link.isAnchor) continue
    const flaw = flawOf(link, html.places)
    if (flaw) problems.add(flaw, link.href && link.href !== '#' ? link.href : link.label)
  }
}

function flawOf({ href }: FoundLink, places: ReadonlySet<string>): Flaw | undefined {
  if (!href) return NO_ADDRESS
  if (href === '#') return NOWHERE
  if (isUnfilled(href)) return UNFILLED
  if (href.startsWith('#')) return isPlace(href.slice(1), places) ? undefined : NO_PLACE
  const scheme = schemeOf(href)
  if (scheme === undefined) return RELATIVE
  if (scheme === 'http' || scheme === 'https') return webAddressFlaw('link', href)
  if (scheme === 'javascript') return NO_SCRIPT
  if (BLOCKED.includes(scheme)) return NOT_OPENED
  const rest = href.slice(scheme.length + 1)
  // With a subject but without an address, the reader chooses whom to write to (RFC 6068 section 2).
  if (scheme === 'mailto' && rest === '') return NO_RECIPIENT
  if ((scheme === 'tel' || scheme === 'sms') && rest === '') return NO_NUMBER
  return undefined
}

/** `top` is the beginning in all browsers. */
function isPlace(name: string, places: ReadonlySet<string>): boolean {
  return name === 'top' || places.has(name) || places.has(percentDecoded(name))
}

function error(what: string, advice: string): Flaw {
  return { kind: 'link', level: 'error', what, advice }
}
