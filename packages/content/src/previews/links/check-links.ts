import type { FoundHtml } from '../html/found-html.ts'
import type { PreviewProblem } from '../preview.ts'
import { ProblemList, type Flaw } from '../problems/problem-list.ts'
import { answerFlaw, errorFlaw, type Use } from './answer-flaw.ts'
import { askServer } from './ask-server.ts'

/** How many addresses are asked, and how many at once. */
const MOST_ADDRESSES = 100
const AT_ONCE = 8

interface Address {
  readonly use: Use
  readonly url: string
}

/** How long one address may take, in milliseconds. */
const PATIENCE_MS = 5_000

/** Asks the servers of links and images. Never rejects. */
export async function checkLinks(
  html: FoundHtml,
  patienceMs = PATIENCE_MS,
): Promise<readonly PreviewProblem[]> {
  const all = addressesOf(html)
  const asked = all.slice(0, MOST_ADDRESSES)
  const flaws = asked.map((): Flaw | undefined => undefined)
  const waiting = asked.entries()
  const work = async (): Promise<void> => {
    for (const [index, address] of waiting) flaws[index] = await flawOf(address, patienceMs)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const problems = new ProblemList()
  for (const [index, flaw] of flaws.entries()) if (flaw) problems.add(flaw, asked[index]!.url)
  if (all.length > asked.length)
    problems.add({
      kind: 'link',
      level: 'warning',
      what: `Only ${MOST_ADDRESSES} of ${all.length} addresses were asked for`,
      advice: 'Check the others yourself.',
    })
  return problems.all
}

/** Each address once, without its fragment, which servers do not see. */
function addressesOf({ links, images }: FoundHtml): readonly Address[] {
  const found = new Map<string, Address>()
  const add = (use: Use, address: string | undefined): void => {
    const url = address === undefined ? null : URL.parse(address)
    if (!url || !/^https?:$/.test(url.protocol)) return
    url.hash = ''
    found.set(`${use} ${url.href}`, { use, url: url.href })
  }
  for (const { href } of links) add('link', href)
  for (const { src } of images) add('image', src)
  return [...found.values()]
}

async function flawOf({ use, url }: Address, patienceMs: number): Promise<Flaw | undefined> {
  try {
    return answerFlaw(use, await askServer(url, patienceMs))
  } catch (error) {
    return errorFlaw(use, error)
  }
}
