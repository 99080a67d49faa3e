import { inspect } from 'node:util'
import { MailError } from '@loudmail/core'

/** What a promise rejects with, or a function throws, which has to be a MailError. */
export async function failureOf(what: Promise<unknown> | (() => unknown)): Promise<MailError> {
  try {
    await (typeof what === 'function' ? what() : what)
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new TypeError('this was to fail')
}

/** Everything that a program could print of an error. */
export function everything(error: MailError): string {
  return [
    inspect(error, { depth: 12, showHidden: true }),
    JSON.stringify(error),
    error.hint,
    error.stack,
    inspect(error.cause, { depth: 9, showHidden: true }),
  ].join('\n')
}
