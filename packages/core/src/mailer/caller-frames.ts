import type { MailError } from '../failure/mail-error.ts'

/**
 * Adds to the stack of a failure who waits for it. It was made where a reply came or a time ran out, in nobody's frame;
 * V8 knows who waits from the promise that is about to be rejected.
 */
export function addCallerFrames(error: MailError): void {
  const { stack } = new Error()
  // A program can have stacks made into something else.
  if (typeof stack !== 'string' || typeof error.stack !== 'string') return
  // The first three lines are its name, this function, and who called it.
  const frames = stack
    .split('\n')
    .slice(3)
    .filter((line) => !line.includes('node:internal'))
  if (frames.length > 0 && !error.stack.includes(frames[0]!)) error.stack += `\n${frames.join('\n')}`
}
