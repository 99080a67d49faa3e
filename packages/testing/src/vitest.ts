import { expect } from 'vitest'
import { mailMatchers, type MailMatchers } from './matchers/mail-matchers.ts'

declare module 'vitest' {
  interface Matchers<
    R extends void | Promise<void> = void | Promise<void>,
    T = unknown,
  > extends MailMatchers {}
}

expect.extend(mailMatchers)

export { mailMatchers }
