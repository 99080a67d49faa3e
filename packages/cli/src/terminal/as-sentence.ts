/** A text that begins with a capital letter, unless that would change a name, and ends with a full stop. */
export function asSentence(text: string): string {
  const trimmed = text.trim()
  const isWord = /^[a-z]+(?:\s|$)/.test(trimmed)
  const begun = isWord ? trimmed.charAt(0).toUpperCase() + trimmed.slice(1) : trimmed
  return /[.!?:]$/.test(begun) ? begun : `${begun}.`
}
