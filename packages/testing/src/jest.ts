/// <reference types="expect" preserve="true" />
import type { MailMatchers } from './matchers/mail-matchers.ts'

/** For code that imports `expect` from @jest/globals or from expect. */
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends MailMatchers {}
}

declare global {
  /** For code that uses @types/jest. */
  namespace jest {
    interface Matchers<R, T> extends MailMatchers {}
  }
}

export { mailMatchers } from './matchers/mail-matchers.ts'
