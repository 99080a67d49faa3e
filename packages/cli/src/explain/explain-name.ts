import { MailError, STAGES, type FailureCode, type Kind, type Stage } from '@loudmail/core'
import { FAILURE_CODES, KINDS, nearestName, STAGE_NOTES } from '@loudmail/core/transport'
import type { Explanation } from './explanation.ts'

/** A stage, or a kind, with the failures that it can be part of. */
export interface NameExplanation {
  readonly title: string
  readonly summary: string
  readonly failures: readonly MailError[]
}

/** Explains `auth/bad-credentials`; undefined if it is not a code. */
export function explainCode(name: string): Explanation | undefined {
  if (!(FAILURE_CODES as readonly string[]).includes(name)) return undefined
  return { failure: failureOf(name as FailureCode), unsure: [], isGeneral: true }
}

/** Explains a kind or a stage alone; undefined if the word is neither. */
export function explainPart(name: string): NameExplanation | undefined {
  if (Object.hasOwn(KINDS, name)) {
    const failures = FAILURE_CODES.filter((code) => code.endsWith(`/${name}`)).map(failureOf)
    return { title: name, summary: failures[0]!.summary, failures }
  }
  if (!(STAGES as readonly string[]).includes(name)) return undefined
  const failures = FAILURE_CODES.filter((code) => code.startsWith(`${name}/`)).map(failureOf)
  return { title: name, summary: STAGE_NOTES[name as Stage], failures }
}

/** What to say about a word that looks like a code and is none; undefined if it does not look like one. */
export function unknownCode(name: string): string | undefined {
  if (!/^[A-Za-z\d_]+(?:-[A-Za-z\d_]+)*(?:\/[A-Za-z\d_-]+)?$/.test(name)) return undefined
  const [stage = '', kind] = name.split('/')
  if (kind === undefined) {
    const near = nearestName(name, [...STAGES, ...Object.keys(KINDS)])
    if (near === undefined && !name.includes('-')) return undefined
    return `there is no stage and no kind ${name}${near ? `. Did you mean ${near}?` : ''}`
  }
  const nearKind = Object.hasOwn(KINDS, kind) ? kind : nearestName(kind, Object.keys(KINDS))
  const nearStage = (STAGES as readonly string[]).includes(stage) ? stage : nearestName(stage, STAGES)
  const code = `${nearStage}/${nearKind}`
  if ((FAILURE_CODES as readonly string[]).includes(code))
    return `there is no code ${name}. Did you mean ${code}?`
  if (nearKind === undefined) return `there is no code ${name}`
  const stages: readonly Stage[] = KINDS[nearKind as Kind].stages
  return `there is no code ${name}: ${nearKind} occurs at ${stages.join(', ')}`
}

function failureOf(code: FailureCode): MailError {
  const [stage, kind] = code.split('/') as [Stage, Kind]
  return new MailError({ stage, kind })
}
