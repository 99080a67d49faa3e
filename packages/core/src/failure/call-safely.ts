import { thrownInWords } from './thrown-in-words.ts'

/**
 * Calls a function that somebody else wrote: an observer, a policy, a log. If it throws or rejects, the only effect is a
 * process warning, without what looks like a credential.
 *
 * @param what names the function in the warning, such as `an observer`
 * @returns whether the function succeeded; if it returns a promise, a promise of that, which never rejects
 */
export function callSafely(what: string, call: () => unknown): boolean | Promise<boolean> {
  try {
    const answer = call()
    if (!isThenable(answer)) return true
    // A `then` that throws makes this promise reject.
    return new Promise((resolve) => resolve(answer)).then(
      () => true,
      (reason: unknown) => warn(`${what} rejected`, reason),
    )
  } catch (thrown) {
    return warn(`${what} threw`, thrown)
  }
}

function isThenable(value: unknown): boolean {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

function warn(what: string, reason: unknown): false {
  process.emitWarning(`${what}: ${thrownInWords(reason)}`, 'LoudmailWarning')
  return false
}
