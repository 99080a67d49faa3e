import type { FoundHtml } from '../html/found-html.ts'
import { leftoversIn } from './leftovers.ts'
import type { ProblemList } from './problem-list.ts'
import { wordsOf } from './words.ts'

/** What part of the words of the HTML the text must have, and how many words make that worth a look. */
const LEAST_SHARE = 0.4
const LEAST_WORDS = 8

/** How many characters are compared. A text may have long addresses between its words. */
const COMPARED_HTML = 10_000
const COMPARED_TEXT = 100_000

export function findTextProblems(
  text: string | undefined,
  html: FoundHtml | undefined,
  problems: ProblemList,
): void {
  if (html) compare(text, html, problems)
  else if (!text?.trim()) {
    const advice = 'Return html or text from the template.'
    problems.add({ kind: 'text', level: 'error', what: 'There is neither HTML nor a text', advice })
  }
  for (const { found, why } of leftoversIn(text ?? ''))
    problems.add({ kind: 'text', level: 'error', what: 'Left over in the text', advice: why }, found)
  if (!html) return
  for (const { found, why } of [html.text, ...html.labels].flatMap((each) => leftoversIn(each)))
    problems.add({ kind: 'text', level: 'error', what: 'Left over in the HTML', advice: why }, found)
  if (html.isTooDeep)
    problems.add({
      kind: 'text',
      level: 'error',
      what: 'More than 1,000 elements of the HTML are within each other, so the rest was not checked',
      advice: 'Look for elements that are not closed.',
    })
}

function compare(text: string | undefined, html: FoundHtml, problems: ProblemList): void {
  if (text === undefined)
    return problems.add({
      kind: 'text',
      level: 'warning',
      what: 'There is no text part',
      advice:
        'Programs that show no HTML, watches and spam filters look for one: return text, or make it from the HTML with @loudmail/content.',
    })
  const said = wordsOf(html.text.slice(0, COMPARED_HTML))
  if (text.trim() === '') {
    if (said.size === 0) return
    return problems.add({
      kind: 'text',
      level: 'error',
      what: 'The text part is empty, and the HTML is not',
      advice: 'Whoever reads the text sees an empty mail: leave text out, or fill it.',
    })
  }
  const written = wordsOf(text.slice(0, COMPARED_TEXT))
  const both = [...said].filter((word) => written.has(word)).length
  if (said.size < LEAST_WORDS || both >= said.size * LEAST_SHARE) return
  problems.add({
    kind: 'text',
    level: 'warning',
    what: `The text part has only ${both} of the ${said.size} words of the HTML`,
    advice: 'Check that both say the same.',
  })
}
