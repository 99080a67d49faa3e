import type { Step, Verdict } from '../report.ts'

/** Something that was seen while the target was read. It takes no time worth telling. */
export function configStep(verdict: Verdict, name: string, detail: string): Step {
  return { stage: 'config', name, verdict, durationMs: 0, detail: asSentence(detail) }
}

/** A text that begins with a capital letter, unless that would change a name, and ends with a full stop. */
export function asSentence(text: string): string {
  const isWord = /^[a-z]+(?:\s|$)/.test(text)
  const begun = isWord ? text.charAt(0).toUpperCase() + text.slice(1) : text
  return /[.!?:]$/.test(begun) ? begun : `${begun}.`
}
