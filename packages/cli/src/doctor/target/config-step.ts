import { asSentence } from '../../terminal/as-sentence.ts'
import type { Step, Verdict } from '../report.ts'

/** Something that was seen while the target was read. It takes no time worth telling. */
export function configStep(verdict: Verdict, name: string, detail: string): Step {
  return { stage: 'config', name, verdict, durationMs: 0, detail: asSentence(detail) }
}
