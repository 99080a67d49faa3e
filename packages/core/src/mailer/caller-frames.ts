import type { MailError } from '../failure/mail-error.ts'

/**
 * Adds the stack of the code that waits for a failure. The failure was created when a reply arrived or a timer fired, so
 * its own stack does not show that code. V8 knows it from the promise that is about to reject.
 */
export function addCallerFrames(error: MailError): void {
  const { stack } = new Error()
  // A program can replace the format of stacks.
  if (typeof stack !== 'string' || typeof error.stack !== 'string') return
  // The first three lines are the name of the error, this function and its caller.
  const frames = stack
    .split('\n')
    .slice(3)
    .filter((line) => !line.includes('node:internal'))
  if (frames.length > 0 && !error.stack.includes(frames[0]!)) error.stack += `\n${frames.join('\n')}`
}
