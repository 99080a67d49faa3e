export type { AddressMatch } from './matchers/address-match.ts'
export type { FailureShape } from './matchers/failure-shape.ts'
export type {
  InboxEntry,
  InboxEvent,
  InboxSource,
  InboxStore,
  KeptFailure,
  KeptMail,
} from './inbox/inbox-source.ts'
export { mailMatchers, type MailMatchers } from './matchers/mail-matchers.ts'
export type { MailMatch, MailShape } from './matchers/mail-shape.ts'
export type { MatcherResult } from './matchers/matcher-result.ts'
export type { TestHeaders } from './inbox/test-headers.ts'
export { testInbox, type TestInbox } from './inbox/test-inbox.ts'
export type { TestAttachment, TestMail } from './inbox/test-mail.ts'
export type { SentOptions } from './matchers/to-have-sent.ts'
export {
  transportContract,
  type ContractCase,
  type ContractOptions,
  type ContractSubject,
} from './transport-contract.ts'
export type { ValueMatch } from './matchers/value-match.ts'
export type { WaitOptions } from './inbox/wait-for-mail.ts'
