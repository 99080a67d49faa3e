export { startCapture, type RunningCapture, type StartCaptureOptions } from './capture/start-capture.ts'
export { debug, type DebugOptions, type DebugTransport } from './debug.ts'
export { inbox, type InboxOptions } from './inbox/inbox.ts'
export { outboxPage, type OutboxPageOptions } from './inbox/outbox/outbox-page.ts'
export type { ShownEntry, ShownListOptions, ShownOutbox, ShownState } from './inbox/outbox/shown-outbox.ts'
export type {
  PreviewAttachment,
  PreviewProblem,
  ShownPreview,
  ShownPreviews,
} from './inbox/previews/shown-previews.ts'
export type { Authorize, InboxHandler, PageOptions } from './inbox/page-handler.ts'
export { startInbox, type RunningInbox, type StartInboxOptions } from './inbox/start-inbox.ts'
export { record, type RecordOptions } from './record.ts'
export type { DebugTls } from './rehearsal/rehearsal.ts'
export { rehearsable } from './rehearsal/rehearsals.ts'
export type { Rehearse } from './rehearsal/wanted-failure.ts'
export { debugSchemes } from './schemes.ts'
export { folderStore, type FolderStoreOptions } from './stores/folder-store.ts'
export type {
  MailList,
  MailQuery,
  MailStore,
  MailSummary,
  NewMail,
  StoredFailure,
  StoredMail,
  StoreEvent,
  UnreadableMail,
} from './stores/mail-store.ts'
export { memoryStore, type MemoryStore, type MemoryStoreOptions } from './stores/memory-store.ts'
