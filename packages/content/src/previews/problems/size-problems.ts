import type { Rendered } from '../render-sample.ts'
import type { ProblemList } from './problem-list.ts'

/**
 * How much HTML Gmail shows, in octets of UTF-8. Google documents no number. 102 KiB is what senders measure, whatever the
 * transfer encoding: github.com/hteumeuleu/email-bugs/issues/41, and 105 kB (of 1,000 octets) at
 * spamresource.com/2022/01/what-is-gmail-clipping-and-what-to-do.html.
 */
const GMAIL_SHOWS = 102 * 1_024

const MIB = 1_024 * 1_024

/** One image that loads slowly on a phone. */
const BIG_IMAGE = MIB

/** What Postfix takes unless it is told otherwise (message_size_limit: 10,240,000 octets): base64 makes a third more of it. */
const MANY_OCTETS = 7.5 * MIB

/** A message of 25 MB, which is as large as Gmail lets people send (support.google.com/mail/answer/6584). */
const TOO_MANY_OCTETS = 18 * MIB

/** The size of HTML in octets, and where Gmail cuts it: never within a character. */
export function measure(html: string): { readonly htmlOctets: number; readonly clippedAt?: number } {
  const htmlOctets = Buffer.byteLength(html)
  if (htmlOctets <= GMAIL_SHOWS) return { htmlOctets }
  return { htmlOctets, clippedAt: new TextEncoder().encodeInto(html, new Uint8Array(GMAIL_SHOWS)).read }
}

export function findSizeProblems(
  htmlOctets: number,
  { attachments, isCut }: Rendered,
  problems: ProblemList,
): void {
  const kB = (octets: number): string => `${(octets / 1_024).toFixed(1)} kB`
  const kind = 'size'
  if (htmlOctets > GMAIL_SHOWS) {
    const what = `The HTML has ${kB(htmlOctets)}, and Gmail shows only the first 102`
    const advice =
      'The rest, often the link to unsubscribe, is behind a click: make it shorter, or remove comments and unused styles.'
    problems.add({ kind, level: 'error', what, advice })
  } else if (htmlOctets > GMAIL_SHOWS * 0.8) {
    const what = `The HTML has ${kB(htmlOctets)}, and Gmail shows only the first 102`
    problems.add({ kind, level: 'warning', what, advice: 'Longer data can bring it over that.' })
  }
  const total = attachments.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
  const size = `${isCut ? 'more than ' : ''}${(total / MIB).toFixed(1)} MiB`
  if (total > TOO_MANY_OCTETS || isCut) {
    const advice = 'Most servers refuse so much: link to large files instead.'
    problems.add({ kind, level: 'error', what: `The attachments have ${size}`, advice })
  } else if (total > MANY_OCTETS) {
    const advice = 'Many servers refuse so much: link to large files instead.'
    problems.add({ kind, level: 'warning', what: `The attachments have ${size}`, advice })
  }
  for (const { contentType, bytes, filename, contentId } of attachments)
    if (/^image\//i.test(contentType) && bytes.byteLength > BIG_IMAGE)
      problems.add(
        {
          kind,
          level: 'warning',
          what: 'An image with more than 1 MiB',
          advice: 'Make it smaller: it loads slowly on a phone.',
        },
        filename ?? contentId,
      )
}
