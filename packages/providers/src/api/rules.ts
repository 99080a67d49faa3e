import type { Answer } from './answer.ts'
import type { Refusal } from './provider-api.ts'

/** One row of the table with which a provider's refusals are read. The first row that fits decides. */
export interface Rule extends Omit<Refusal, 'words' | 'recipients' | 'retryAfterMs'> {
  /** The HTTP statuses that it is about. @default all */
  readonly status?: number | readonly number[] | undefined
  /** The provider's own codes that it is about. @default all */
  readonly code?: string | number | readonly (string | number)[] | undefined
  /** What the provider's words have to contain. @default anything */
  readonly says?: RegExp | undefined
}

/**
 * @param code the code of the provider, if its answer has one
 * @param words what it says
 */
export function byRules(
  rules: readonly Rule[],
  { status }: Pick<Answer, 'status'>,
  code: string | number | undefined,
  words: string | undefined,
): Refusal | undefined {
  const rule = rules.find(
    (each) => fits(each.status, status) && fits(each.code, code) && (each.says?.test(words ?? '') ?? true),
  )
  if (!rule) return undefined
  const { kind, scope, permanence, isInDoubt, hint } = rule
  return { kind, scope, permanence, isInDoubt, hint, words }
}

type Code = string | number

/** A code means the same as a number and as a text, and in small and capital letters. */
function fits(wanted: Code | readonly Code[] | undefined, value: Code | undefined): boolean {
  if (wanted === undefined) return true
  return value !== undefined && [wanted].flat().some((each) => plain(each) === plain(value))
}

function plain(code: Code): string {
  return String(code).toLowerCase()
}
