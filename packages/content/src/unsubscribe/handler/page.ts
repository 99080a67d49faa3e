import { checkOptions, configError } from '@loudmail/core/transport'
import { languagesOf } from './languages.ts'

/** What the page says, as plain text. `{address}` and `{list}` are replaced. */
export interface UnsubscribeTexts {
  /** The language tag of these texts (BCP 47). */
  readonly lang: string
  /** The title, above everything. */
  readonly title: string
  /** Asks whether to unsubscribe, above the button. */
  readonly question: string
  /** On the button. */
  readonly button: string
  /** It is done. */
  readonly done: string
  /** The link is cut off or wrong. Neither address nor list is known. */
  readonly invalid: string
  /** It failed; the button is there again. */
  readonly failed: string
}

/** What the page is about. */
export interface UnsubscribeView {
  /** `ask`: whether to unsubscribe. `done`: it is done. `failed`: it failed. `invalid`: the link does not work. */
  readonly state: 'ask' | 'done' | 'failed' | 'invalid'
  /** Whom the link unsubscribes; undefined if the link does not work. */
  readonly address?: string | undefined
  /** From what; undefined if the link does not work. */
  readonly list?: string | undefined
  /** What the browser asks for in Accept-Language, the best first: `['de-AT', 'de', 'en']`. */
  readonly languages: readonly string[]
}

const ENGLISH: UnsubscribeTexts = {
  lang: 'en',
  title: 'Unsubscribe',
  question: 'Unsubscribe {address} from {list}?',
  button: 'Unsubscribe',
  done: '{address} gets no more mail from {list}.',
  invalid: 'This link does not work. Use the link of a newer message.',
  failed: 'Something went wrong. Please try again later.',
}
const NAMES = Object.fromEntries(Object.keys(ENGLISH).map((name) => [name, true])) as Record<
  keyof UnsubscribeTexts,
  true
>

const STYLE =
  ':root{color-scheme:light dark;font:1.1rem/1.5 system-ui,sans-serif}' +
  'body{max-width:32rem;margin:15vh auto 0;padding:0 1rem;overflow-wrap:anywhere}' +
  'button{font:inherit;padding:.6rem 1.2rem}'

/** @param accepted the header field Accept-Language */
export function viewOf(
  state: UnsubscribeView['state'],
  subscription: Pick<UnsubscribeView, 'address' | 'list'> | undefined,
  accepted: string | undefined,
): UnsubscribeView {
  return { state, ...subscription, languages: languagesOf(accepted) }
}

/** The page, with the texts in place of the English ones. */
export function defaultPage(view: UnsubscribeView, texts: Partial<UnsubscribeTexts> = {}): string {
  const given = Object.entries(texts).filter(([, text]) => text !== undefined)
  const all: UnsubscribeTexts = { ...ENGLISH, ...Object.fromEntries(given) }
  const say = (text: string): string =>
    escaped(text.replaceAll(/\{(address|list)\}/g, (_, name: 'address' | 'list') => view[name] ?? ''))
  const message = { ask: all.question, done: all.done, failed: all.failed, invalid: all.invalid }[view.state]
  const form = `<form method="post"><button name="unsubscribe" value="confirm">${say(all.button)}</button></form>`
  return `<!doctype html>
<html lang="${say(all.lang)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${say(all.title)}</title>
<style>${STYLE}</style>
<main>
<h1>${say(all.title)}</h1>
<p>${say(message)}</p>
${view.state === 'ask' || view.state === 'failed' ? form : ''}
</main>
</html>
`
}

/** @throws MailError `config/invalid-config` */
export function checkedTexts(texts: Partial<UnsubscribeTexts>, owner: string): Partial<UnsubscribeTexts> {
  checkOptions(texts, owner, NAMES)
  for (const [name, text] of Object.entries(texts))
    if (text !== undefined && typeof text !== 'string') throw configError(`${owner}.${name} must be a string`)
  return texts
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!)
}
