import type { HttpAction } from './http-action.ts'

const endings: readonly unknown[] = ['fin', 'reset', 'stall']
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0

/** The kinds of action: the key that tells them apart, the other keys they may have, and what is wrong with one. */
const shapes: Readonly<Record<string, (fields: Readonly<Record<string, unknown>>) => string | undefined>> = {
  cutAt: ({ cutAt, answer, then, ...rest }) =>
    others(rest) ??
    (isCount(cutAt) ? undefined : '"cutAt" must be a number of octets') ??
    checkEnding(then) ??
    checkAnswer(answer, '"cutAt" needs "answer"'),
  stall: ({ stall, ...rest }) =>
    others(rest) ??
    ([true, 'request', 'connect'].includes(stall as string)
      ? undefined
      : '"stall" must be true, "request" or "connect"'),
  close: ({ close, after, ...rest }) =>
    others(rest) ??
    (close === 'fin' || close === 'reset' ? undefined : '"close" must be "fin" or "reset"') ??
    (after === undefined || ['connect', 'head', 'body'].includes(after as string) || isCount(after)
      ? undefined
      : '"after" must be "connect", "head", "body" or a number of octets of the body'),
  raw: ({ raw, then, ...rest }) =>
    others(rest) ??
    (typeof raw === 'string' || raw instanceof Uint8Array ? undefined : '"raw" must be a string or octets') ??
    checkEnding(then),
  early: ({ early, then, ...rest }) =>
    others(rest) ??
    (then === 'read' ? undefined : checkEnding(then)) ??
    checkAnswer(early, '"early" needs an answer'),
}

/** Throws a TypeError that says what is wrong with an action. */
export function checkAction(action: HttpAction): void {
  const wrong = whatIsWrong(action)
  if (wrong !== undefined) throw new TypeError(`The action of the HTTP server is not valid: ${wrong}`)
}

function whatIsWrong(action: unknown): string | undefined {
  if (typeof action !== 'object' || action === null) return 'it must be an object'
  const kind = Object.keys(shapes).find((key) => key in action)
  if (kind !== undefined) return shapes[kind]!(action as Record<string, unknown>)
  return checkAnswer(action, 'it needs "status", "cutAt", "stall", "close", "raw" or "early"')
}

function checkAnswer(answer: unknown, missing: string): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('status' in answer)) return missing
  const { status, chunked, delayMs, dripMs } = answer as Readonly<Record<string, unknown>>
  if (!Number.isInteger(status) || (status as number) < 200 || (status as number) > 599)
    return '"status" must be a whole number from 200 to 599'
  if (chunked !== undefined && typeof chunked !== 'boolean' && !(isCount(chunked) && chunked !== 0))
    return '"chunked" must be true, false or a number of octets'
  for (const [name, value] of Object.entries({ delayMs, dripMs }))
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      return `"${name}" must be a number of milliseconds`
  return undefined
}

function checkEnding(then: unknown): string | undefined {
  return then === undefined || endings.includes(then) ? undefined : '"then" must be "fin", "reset" or "stall"'
}

function others(rest: Readonly<Record<string, unknown>>): string | undefined {
  const [key] = Object.keys(rest)
  return key === undefined ? undefined : `it has the unknown key "${key}"`
}
