export type { AddressMatch } from './address-match.ts'
export type { FailureShape } from './failure-shape.ts'
export type {
  InboxEntry,
  InboxEvent,
  InboxSource,
  InboxStore,
  KeptFailure,
  KeptMail,
} from './inbox-source.ts'
export { mailMatchers, type MailMatchers } from './mail-matchers.ts'
export type { MailMatch, MailShape } from './mail-shape.ts'
export type { MatcherResult } from './matcher-result.ts'
export type { TestHeaders } from './test-headers.ts'
export { testInbox, type TestInbox } from './test-inbox.ts'
export type { TestAttachment, TestMail } from './test-mail.ts'
export type { SentOptions } from './to-have-sent.ts'
export {
  transportContract,
  type ContractCase,
  type ContractOptions,
  type ContractSubject,
} from './transport-contract.ts'
export type { ValueMatch } from './value-match.ts'
export type { WaitOptions } from './wait-for-mail.ts'
