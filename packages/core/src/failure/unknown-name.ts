import { nearestName } from './nearest-name.ts'
import { wordsElsewhere } from './words-elsewhere.ts'

/**
 * What to say about a name that does not exist: the names that exist, and the word to use here if other mailers have this
 * name, or else a name that is spelled almost the same.
 *
 * @param owner whose name it is, such as `smtp()` or `the message`
 * @param value read only to choose the advice, and never shown
 */
export function unknownName(
  owner: string,
  noun: 'option' | 'field',
  name: string,
  value: unknown,
  known: readonly string[],
): string {
  const shown = JSON.stringify(name.slice(0, 100))
  return `${owner} has no ${noun} ${shown}; it has ${known.join(', ')}${advice(owner, name, value, known)}`
}

function advice(owner: string, name: string, value: unknown, known: readonly string[]): string {
  const words = wordsElsewhere()[owner.replace(/\[\d+\]$/, '')]
  const word = words && Object.hasOwn(words, name) ? words[name] : undefined
  if (word !== undefined) return `. Instead of ${name}: ${typeof word === 'string' ? word : word(value)}`
  const near = nearestName(name, known)
  return near === undefined ? '' : `. Did you mean ${near}?`
}
